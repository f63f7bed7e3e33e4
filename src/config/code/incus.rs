//! 06xx: Incus, its preseed file and what it says at run time.

use super::codes;

codes! { INCUS:
    E0601 601 "Incus does not answer"
        "Nothing listens at /var/lib/incus/unix.socket, or it did not answer before the deadline. The dataplane and\nmanagement run without it. See `systemctl status incus.socket incus.service var-lib-incus.mount`.";
    E0602 602 "Incus refuses a request"
        "The message is Incus's own, and the place is the table of [incus] it concerns, or the preseed file. What was done\nbefore stays; after a correction the next start continues from there. A refused preseed file leaves the bridges up.";
    E0603 603 "an interface of another kind has a bridge's name"
        "Incus creates its bridges itself and cannot take over an existing interface of that name. Remove or rename that\ninterface, or choose another name for the bridge.";
    E0604 604 "a storage pool has disappeared from Incus"
        "This router was initialised with the pool, but Incus no longer knows it: /var/lib/incus was wiped or lost, and the\npool's data may still exist. Nothing is touched. Run `incus admin recover`; or, to give up the data, remove it and\n/persistent/data/imp/incus-initialised.json.";
    E0605 605 "a bridge is not what Incus says it is"
        "Incus's answer was checked in the kernel: the bridge, its address and a running dnsmasq. One restart of\nincus.service did not help, and there is no further one until the bridge has worked again. Often another program\nuses port 53 or 67 of the bridge's address; Incus retries every minute.";
    E0606 606 "Incus has something of another kind with this name"
        "A network of another type, or a storage pool with another driver, cannot be changed into what is configured. Remove\nit with `incus network delete` or `incus storage delete`, or use another name.";
    E0607 607 "the preseed file cannot be used"
        "The file named by [incus] preseed-file is passed to `incus admin init --preseed` unchanged: YAML in UTF-8, without\ncontrol characters other than tabs and line ends. Its digest is stored in the server key user.imp.preseed once Incus\nhas accepted it.";
    E0608 608 "a bridge has no link to the dataplane"
        "The bridge's end of the veth, NAME-dp, is created by netns-move-interfaces.service. It is missing or could not be\nattached to the bridge, so the containers reach nothing behind VPP.";
    E0609 609 "a removed bridge is still in use"
        "The bridge was created for a table of [incus.bridges] that no longer exists. Incus does not delete a network that\ninstances or profiles use: remove it from those, then run `systemctl restart incus-dataplane`.";
    E0610 610 "a storage pool has another source than configured"
        "A pool is created once, on the first boot; its driver and source are not changed afterwards. Configure what the pool\nhas, or give the new pool a new name.";
    E0611 611 "a storage pool cannot be used"
        "Incus has the pool but its status is not Created: its disk, dataset or directory is missing, or its creation was\ninterrupted. Restore what it is stored on; Incus retries every minute. See `incus storage info NAME` and `incus\nwarning list`.";
}
