//! 05xx: the machine at run time.

use super::codes;

codes! { MACHINE:
    E0501 501 "no NIC matches"
        "No network device matched within nic-wait. The boot continues without it, and management stays up. The message lists\nthe candidates on this machine.";
    E0502 502 "more than one NIC matches"
        "The match of the interface fits several network devices, or its pci fits one and its mac another. None is used: a\nwrong guess could connect a customer's port to a transit. Set the pci or mac of the intended one.";
    E0503 503 "two interfaces match the same NIC"
        "Both are left out, because a NIC cannot be two interfaces. Change the match of one of them.";
    E0504 504 "the management NIC is never given away"
        "The match of the interface fits the NIC of [management]. That NIC always stays in the host namespace, because moving\nit would cut the operator off.";
    E0505 505 "pci and mac disagree"
        "Only one of pci and mac fits this machine: the card was replaced or moved to another slot. The NIC that fits is\nused. Correct the line given in the message.";
    E0506 506 "attach = \"dpdk\" needs a PCI device"
        "DPDK drives PCI functions, and this NIC is not one (a veth, a USB adapter). Use attach = \"af-packet\".";
    E0507 507 "a NIC cannot be moved"
        "The kernel refused to move the network device into or out of the namespace; its error is in the message.";
    E0508 508 "the namespace cannot be created"
        "The kernel refused to create, pin or remove the network namespace. Without it no part of the dataplane starts.";
    E0509 509 "a veth pair cannot be created"
        "The pair that joins an Incus bridge to VPP could not be created, often because a device with that name already\nexists.";
    E0510 510 "a kernel module is missing"
        "The module is neither loaded, built in nor installed for the running kernel. The message says what needs it;\neverything else continues.";
    E0511 511 "not enough hugepages"
        "The kernel reserved fewer hugepages than the VPP instances need. VPP starts anyway with 4 KB pages and is slower.\nUsually memory is fragmented: a reboot helps, or using fewer pages.";
    E0512 512 "a network device cannot be configured"
        "The kernel refused to bring a device up, to make it promiscuous, or to set one of its sysctls; its error is in the\nmessage.";
    E0513 513 "a bind mount failed"
        "A file or directory of /persistent could not be bound over its placeholder. Usually the placeholder is missing in\nthe read-only image: an empty file or directory is enough.";
    E0514 514 "unknown identity file"
        "The file in /persistent/config/identity has no known name and no [[identity.bind]] uses it, so it has no effect.";
    E0515 515 "an identity file that sshd will refuse"
        "sshd (StrictModes) ignores an authorized_keys file that another user owns or that group or others can write, and a\nhost key that others can read. Correct the owner and mode of the source below /persistent/config/identity.";
    E0516 516 "the host key cannot be created"
        "ssh-keygen could not create the first host key. SSH does not start without one.";
    E0517 517 "the host name cannot be set"
        "The kernel refused the host name; its error is in the message. Or /persistent/config/identity/hostname holds none, and\n[system] hostname is used.";
    E0518 518 "a file cannot be written"
        "The system refused to write a file below /run/imp or /persistent; its error is in the message.";
    E0519 519 "FRR runs something else than frr.conf says"
        "After every start and reload what FRR runs is compared with /etc/frr/frr.conf, as FRR prints it. The message has both\nlines. FRR refuses some lines without failing, and a load that is cut short leaves the rest out.\n`systemctl reload frr` tries again and changes only what differs; a line of [frr] extra-file has to be written as\n`vtysh -c 'show running-config'` shows it.";
    E0520 520 "FRR has not loaded its configuration in time"
        "The time allowed grows with frr.conf: four times what FRR usually takes, at least two minutes. FRR goes on with what\nit has; `systemctl restart frr-config` looks again.";
    E0521 521 "FRR 10 waits for a neighbour's BFD"
        "FRR 10 keeps a session with bfd Idle until BFD with the neighbour is up; FRR 8.4 brings it up without. Leave bfd out\nuntil the neighbour runs it, too. If it does already, nothing is wrong.";
    E0530 530 "a device with the name of a pair is there already"
        "VPP makes a TAP of the interface's name in the namespace. A device that has this name is taken over without a word,\nand removed together with the interface, so nothing is configured. `ip -n dataplane link show` shows it: remove or\nrename it, or give the interface another name.";
    E0531 531 "VPP does not have its commands"
        "VPP refused a command, did not survive one, or accepted one without doing what it says. The line names the place in\nthe documents and VPP's own words. After a reload the router goes back to what ran before by itself, and the documents\nare held back until they are changed.";
}
