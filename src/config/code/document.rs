//! 01xx: the documents themselves.

use super::codes;

codes! { DOCUMENT:
    E0101 101 "the file is not valid TOML"
        "TOML itself refuses this place: often a quote or bracket that is not closed on the line above, a value without\nquotes, or a table written twice. What one such place hides would be missed elsewhere, so only errors that stand by\nthemselves are told until it is mended; run `impctl check` again then.";
    E0102 102 "the file is not UTF-8"
        "TOML is UTF-8; the caret stands at the first byte that is not. An editor that saves in another encoding is the\nusual reason: save as UTF-8, or `iconv -f latin1 -t utf-8 OLD > NEW`.";
    E0103 103 "unknown key"
        "A key this version does not read is refused, because a setting that is silently ignored is worse than one that is\nmissing. The hint names the nearest key of this table, or all of them. Correct the key, or remove it. Whether it\nstands in the right table is the other question: after `[a.b]` every key belongs to it until the next header.";
    E0104 104 "a required key is missing"
        "The table cannot be used without this key, and a default would be a guess. The hint shows how to write it.";
    E0105 105 "wrong type"
        "The key is right, its value has another TOML type than the one that is read here: text stands in quotes, numbers\nand true or false do not, lists stand in [ ], tables in { } or below a [header]. The label says which is expected.";
    E0106 106 "the value is not in the grammar of its field"
        "The value was read, and what it should be is said under the caret. Values end up in the files of VPP, FRR, systemd\nor nftables; what could break or change a line there is refused here. Write one of the values that are expected.";
    E0107 107 "set twice"
        "Files are merged by key, in the order of their names. Tables merge; a scalar or a list that two files set is an\nerror, because which of them wins would be a surprise, and lists never concatenate. Keep one of the two places.";
    E0108 108 "config-version is missing or not one this build reads"
        "Every configuration says `config-version = 1` once, above the first table. Another number belongs to another version\nof the configurator, which may read the same words differently: install that version, or convert the document.";
    E0109 109 "there is no configuration"
        "No *.toml stands directly in the configuration folder. The dataplane stays down; management comes up by DHCP. Write\n/persistent/config/imp.toml; if it should be there, look whether /persistent is mounted.";
    E0110 110 "a file cannot be read"
        "The operating system refused to read the file; its own words follow. Only regular files up to 64 MiB are read, and\nonly inside the configuration folder: a link may not lead out of it, or a backup of the folder would lack the file.\nCorrect the name, the owner or the mode, or put the file itself in the folder.";
    E0111 111 "the documents are too large"
        "The documents together may have at most 1 GiB in at most 65,535 files. Remove what is no configuration from the\nfolder.";
    E0112 112 "imp-config met a fault of its own"
        "Reading the documents ended in a fault of this program. No document should be able to do that, and the router does\nnot pay for it: it runs the last good generation. Take back the last change, and send it in with the words of the\nfault from `journalctl -u imp-config`.";
}
