"""Many accounts in chaos for a while: is anything lost, doubled, hung or kept?"""
