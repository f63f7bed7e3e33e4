//! 01xx: the documents themselves.

use super::codes;

codes! { DOCUMENT:
    E0101 101 "the file is not valid TOML"
        "TOML itself refuses this place. Everything the file says elsewhere was still read, so the list of errors is\ncomplete up to what this one hides.";
    E0102 102 "the file is not UTF-8"
        "TOML is UTF-8. The caret stands at the first byte that is not. Editors that save in another encoding are the\nusual reason.";
    E0103 103 "unknown key"
        "A key this version does not read is refused, because a setting that is silently ignored is worse than one that is\nmissing. The hint names the nearest key this table has.";
    E0104 104 "a required key is missing"
        "The table cannot be used without this key; the message says what it should hold.";
    E0105 105 "wrong type"
        "The key is right, its value has another TOML type than the one that is read here.";
    E0106 106 "the value is not in the grammar of its field"
        "The value was read, and what it should be is said under the caret. Values end up in the files of VPP, FRR, systemd\nor nftables; what could break a line there is refused here.";
    E0107 107 "set twice"
        "Files are merged by key. Tables merge; a scalar or a list that two files set is an error, because which of them\nwins would be a surprise. Lists never concatenate.";
    E0108 108 "config-version is missing or not one this build reads"
        "Every configuration starts with `config-version = 1`. Another number belongs to another version of the\nconfigurator.";
    E0109 109 "there is no configuration"
        "No *.toml stands directly in the configuration folder. The dataplane stays down; management comes up by DHCP.";
    E0110 110 "a file cannot be read"
        "The operating system refused to read the file; its own words follow.";
    E0111 111 "the documents are too large"
        "The documents together may have at most 1 GiB in at most 65,535 files.";
}
