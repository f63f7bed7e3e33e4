//! 0620 to 0639: NICs and management at run time.

use super::codes;

codes! { NETWORK:
    E0620 620 "a port that shares its PCI function"
        "DPDK takes a PCI function with all of its ports, and VPP would give them one name. A function with several network\ndevices (some dual-port cards) can only be used with attach = \"af-packet\", which takes a single port, matched by\nits mac.";
    E0621 621 "no IOMMU for vfio-pci"
        "vfio-pci, the default uio-driver, takes only functions in an IOMMU group, and this machine has none: the IOMMU is off\nin the firmware or the kernel, or a virtual machine has none. Turn it on, or use uio-driver = \"uio_pci_generic\" in\n[vpp.core], or attach = \"af-packet\". The interface is left out; the others work.";
    E0622 622 "an IOMMU group that somebody else uses"
        "Functions of one IOMMU group can reach each other's memory, so vfio-pci takes a group only as a whole, and here the\nkernel uses another function of it. Put the card into another slot, or use uio-driver = \"uio_pci_generic\" in\n[vpp.core], or attach = \"af-packet\". The interface is left out; the others work.";
    E0623 623 "the NIC of [management] is not there"
        "No network device of this machine matches. At the next boot nothing would have management's addresses, and the router\ncould be reached on its console only. Correct the match; the message lists the devices there are.";
    E0624 624 "the firewall lets no SSH in from management"
        "No entry of [firewall] allow lets in the port sshd listens on from the network of [management]. Once these rules are\nloaded, no new session can be opened from there. Add { service = \"ssh\" }, with `from` if it is to be limited.";
    E0625 625 "[management] goes away"
        "The configuration that runs has [management] and this one has not: the addresses by which the router is reached are\nremoved when it is applied.";
    E0626 626 "a NIC that went and came back"
        "The kernel removed the network device and made it anew: a reset, a cable of a USB adapter, a driver reloaded. VPP still\nhas the one that is gone, and every packet on the interface is lost. VPP is restarted when the device comes back; if\nthat happens too often, or failed, run `systemctl reload netns-move-interfaces`.";
}
