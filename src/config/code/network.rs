//! 0620 to 0639: NICs and management at run time.

use super::codes;

codes! { NETWORK:
    E0620 620 "a port that shares its PCI function"
        "DPDK takes a PCI function with all of its ports, and VPP would give them one name. A function with several network\ndevices (some dual-port cards) can only be used with attach = \"af-packet\", which takes a single port, matched by\nits mac.";
}
