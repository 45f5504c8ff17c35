"""The benchmarks themselves: that they compare before they measure, and say what they found."""
