//! 0750 to 0779: the host, and what watches the network.

use super::codes;

codes! { HOST:
    E0750 750 "a time zone that the image does not have"
        "The name is in none of the files of /usr/share/zoneinfo. Correct it, or install tzdata; `timedatectl list-timezones`\nlists the names there are. Until then the time zone is that of the image.";
    E0751 751 "a setting of the kernel that is not the operator's"
        "This router sets it itself, or its boots rest on it, or it belongs to a device, which may come later and under another\nname. The message says which key of the documents decides it.";
    E0752 752 "the kernel does not take a setting"
        "The running kernel has no setting of that name, often because a module is missing, or it refuses the value; its own\nwords are in the message. The other settings are made.";
    E0753 753 "a user with the name of one of the system's"
        "Programs of the image run as that user, or files belong to that group, and the image's own record is the one that is\nfound. Choose another name. Root's keys are in identity/admin_authorized_keys.";
    E0754 754 "two users with one number"
        "Files belong to numbers, so each of the two could change the files of the other. A user without `uid` has a number that\nis made of its name; give one of the two another `uid`.";
    E0755 755 "a user nobody can log in as"
        "It has no key in `ssh-keys` and no `password-hash-file`. Only root can become this user.";
    E0756 756 "something the documents need is not installed"
        "The documents ask for a service, and the image has no program for it, so nothing happens. Install the package named in\nthe message into the image, or remove the key.";
    E0757 757 "a user's record or home cannot be made"
        "Something else is in the place of the record in /run/userdb or of the home in /persistent/data/home, or the image has a\nuser with that name or number. The message says what it is.";
    E0758 758 "a length of sampled headers that VPP rounds"
        "VPP takes multiples of 32 bytes and rounds all else up without an error: what runs would differ from what was asked for.\nWrite 64, 96, 128, 160, 192, 224 or 256.";
    E0759 759 "reports from an address that is not ours"
        "VPP sends the reports of IPFIX from any address it is told, and nothing finds back to one that no interface has. Use an\naddress of a loopback, which is there whatever happens to the links.";
    E0760 760 "timers of flows that do not fit each other"
        "A flow that is taken for ended before it is due would never be reported while it goes on, and VPP refuses such timers.\n`passive` is at least as long as `active`.";
    E0761 761 "an interface whose packets cannot be watched"
        "sFlow samples the packets of NICs, with all their VLANs; LLDP speaks on NICs; IPFIX reports the flows of NICs and VLANs.\nLoopbacks and bridges carry no frames of a wire. Name one of [interfaces], or for IPFIX a VLAN on one.";
}
