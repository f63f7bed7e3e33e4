"""The parts of the VPP stand-in; `../vpp` is its main. Every rule here was seen on VPP 25.06."""
