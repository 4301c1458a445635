"""Answers to the exercises of 04 Data augmentation, with reasoning."""

import numpy as np


def rotation_about(degrees, x, y):
    """Exercise 1: the matrix that acts first stands on the right.

    First (x, y) goes to the middle, then everything turns, then the middle goes back to
    (x, y). So (x, y) itself stays where it is: a quick test of any answer.
    """
    angle = np.deg2rad(degrees)
    c, s = np.cos(angle), np.sin(angle)
    to_middle = np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1]])
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    back = np.array([[1, 0, x], [0, 1, y], [0, 0, 1]])
    return back @ turn @ to_middle


def mixup(images, one_hot, partners, shares):
    """Exercise 2: one share an image, spread over its pixels and over its classes.

    The label is mixed with the same share as the picture; else the network would be
    told something that the picture does not show.
    """
    for_images, for_labels = shares[:, None, None, None], shares[:, None]
    mixed = for_images * images + (1 - for_images) * images[partners]
    labels = for_labels * one_hot + (1 - for_labels) * one_hot[partners]
    return mixed, labels


def ten_crops(images, size):
    """Exercise 3: five corners of crops, then the same five reversed along the width.

    The mirror image of the upper left crop shows the upper left of the photo, reversed.
    It is not the upper left crop of the mirrored photo: that shows the upper right.
    """
    down, across = images.shape[1] - size, images.shape[2] - size
    corners = [(0, 0), (0, across), (down, 0), (down, across), (down // 2, across // 2)]
    crops = np.stack(
        [images[:, top : top + size, left : left + size] for top, left in corners]
    )
    return np.concatenate([crops, crops[:, :, :, ::-1]])


def find_affine(before, after):
    """Exercise 4: six unknowns, two equations a place; least squares for more.

    Each row of the matrix is its own system: x' and y' do not know of each other.
    ``lstsq`` solves both at once and gives the transposed upper part.
    """
    places = np.column_stack([before, np.ones(len(before))])
    upper, *_ = np.linalg.lstsq(places, after, rcond=None)
    return np.vstack([upper.T, [0, 0, 1]])
