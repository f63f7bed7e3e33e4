//! 05xx: the machine at run time.

use super::codes;

codes! { MACHINE:
    E0501 501 "no NIC matches"
        "No network device matched within nic-wait. The boot goes on without it, management stays up. The candidates this\nmachine has are listed with the message.";
    E0502 502 "more than one NIC matches"
        "The match of the interface fits several network devices, or its pci fits one and its mac another. None is taken:\na wrong guess would give a customer's port to a transit. Write the pci or the mac of the one that is meant.";
    E0503 503 "two interfaces match one NIC"
        "Both are left out: one NIC cannot be two interfaces. Change the match of one of them.";
    E0504 504 "the management NIC is not given away"
        "The match of the interface fits the NIC of [management]. It stays in the host namespace whatever is written,\nbecause moving it would cut the operator off.";
    E0505 505 "pci and mac disagree"
        "Of pci and mac only one fits this machine: the card was changed or moved to another slot. The NIC that fits is used.\nCorrect the line the message prints.";
    E0506 506 "attach = \"dpdk\" needs a PCI device"
        "DPDK drives PCI functions. This NIC has none (a veth, a USB adapter): write attach = \"af-packet\".";
    E0507 507 "a NIC cannot be moved"
        "The kernel refused to move the network device into or out of the namespace; its words are in the message.";
    E0508 508 "the namespace cannot be made"
        "The kernel refused to make, pin or remove the network namespace. Without it no part of the dataplane starts.";
    E0509 509 "a veth pair cannot be made"
        "The pair that joins an Incus bridge to VPP could not be made, often because a device of the name exists already.";
    E0510 510 "a kernel module is missing"
        "The module is neither loaded nor built in nor installed for the running kernel. What needs it is named in the\nmessage; everything else goes on.";
    E0511 511 "hugepages are short"
        "The kernel reserved fewer hugepages than the VPP instances want. VPP starts and falls back to 4 KB pages, slower.\nFragmented memory is the usual reason: a reboot helps, or fewer pages.";
    E0512 512 "a network device cannot be set"
        "The kernel refused to set a device up, promiscuous, or one of its sysctls; its words are in the message.";
    E0513 513 "a bind mount failed"
        "A file or directory of /persistent could not be bound over its placeholder. Usually the placeholder is missing in\nthe read-only image: it has to exist, an empty file or directory is enough.";
    E0514 514 "an identity file nobody knows"
        "The file in /persistent/config/identity has no known name and no [[identity.bind]] names it: it has no effect.";
    E0515 515 "an identity file sshd will refuse"
        "sshd (StrictModes) ignores an authorized_keys file that another user owns or that group or others may write, and a\nhost key that others may read. Correct owner and mode of the source below /persistent/config/identity.";
    E0516 516 "the host key cannot be made"
        "ssh-keygen did not make the first host key. SSH does not start without one.";
    E0517 517 "the host name cannot be set"
        "The kernel refused the host name.";
    E0518 518 "a file cannot be written"
        "The system refused to write a file below /run/imp or /persistent; its words are in the message.";
}
