//! 06xx: Incus, its preseed file and what it says at run time.

use super::codes;

codes! { INCUS:
    E0601 601 "Incus does not answer"
        "Nothing listens at /var/lib/incus/unix.socket, or what listens did not answer before the deadline. The dataplane and\nmanagement run without it. See `systemctl status incus.socket incus.service var-lib-incus.mount`.";
    E0602 602 "Incus refuses what it was asked for"
        "The words are Incus's own, and the place is the table of [incus] they are about, or the preseed file. What was done\nbefore stays; after a correction the next start goes on from there. A refused preseed file leaves the bridges up.";
    E0603 603 "an interface of another kind has a bridge's name"
        "Incus makes its bridges itself and cannot take over an interface that is already there under the name. Remove or\nrename that interface, or name the bridge differently.";
    E0604 604 "a storage pool that was there is gone from Incus"
        "This router was initialised with the pool, and Incus no longer knows it: /var/lib/incus was wiped or lost, and the\npool's data may still be there. Nothing is touched. Run `incus admin recover`; or, if the data is to be given up,\nremove it and /persistent/data/imp/incus-initialised.json.";
    E0605 605 "a bridge is not what Incus says it is"
        "Incus's word was checked in the kernel: the bridge, its address and a running dnsmasq. One restart of incus.service did\nnot help, and there is no other before the bridge was whole again. Often another program holds port 53 or 67 of the\nbridge's address; Incus tries again each minute.";
    E0606 606 "Incus has something of another kind under the name"
        "A network of another type, or a storage pool with another driver, cannot be changed into what is asked for. Remove it\nwith `incus network delete` or `incus storage delete`, or use another name.";
    E0607 607 "the preseed file cannot be used"
        "[incus] preseed-file is handed to `incus admin init --preseed` as it is: YAML in UTF-8, without control characters\nother than tabs and line ends. Incus has had it once its digest is under the server's key user.imp.preseed.";
    E0608 608 "a bridge has no link into the dataplane"
        "The bridge's end of the veth, NAME-dp, is made by netns-move-interfaces.service. It is missing or could not be made a\nport of the bridge, so the containers reach nothing behind VPP.";
    E0609 609 "a bridge no longer configured is still in use"
        "The bridge was made for a table of [incus.bridges] that is gone. Incus does not delete a network that instances or\nprofiles use: take it out of those, then `systemctl restart incus-dataplane`.";
    E0610 610 "a storage pool has another source than the document"
        "A pool is made once, on first boot; its driver and source are not changed afterwards. Write what the pool has, or give\nthe new pool a new name.";
    E0611 611 "a storage pool cannot be used"
        "Incus has the pool and its status is not Created: its disk, dataset or directory is not there, or making it was cut off.\nBring back what it is on; Incus tries again each minute. See `incus storage info NAME` and `incus warning list`.";
}
