"""What the notebooks share: loading data, plotting and checking exercises.

Nothing that the course teaches stands here: that is in the notebooks, in full view.
"""
