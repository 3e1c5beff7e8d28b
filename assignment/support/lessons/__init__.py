"""What single lessons need: the patient, the clinic, graphs of gradients, convolution, sliders.

Input: the student's functions. Output: trained models and pictures for notebooks.
"""
