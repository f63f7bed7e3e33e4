//! 01xx: the documents themselves.

use super::codes;

codes! { DOCUMENT:
    E0101 101 "invalid TOML"
        "The file is not valid TOML at this place: often a quote or bracket that is not closed on the line above, a value\nwithout quotes, or a table defined twice. One such place can hide others, so only independent errors are reported\nuntil it is fixed; run `impctl check` again then.";
    E0102 102 "a file is not UTF-8"
        "Text files must be UTF-8; the caret marks the first invalid byte. Usually an editor saved the file in another\nencoding: save it as UTF-8, or run `iconv -f latin1 -t utf-8 OLD > NEW`.";
    E0103 103 "unknown key"
        "A key that this version does not read is refused, because a setting that is silently ignored is worse than one that\nis missing. The hint suggests what was probably meant. Correct the key or remove it, and check that it is in the\nright table: after `[a.b]` every key belongs to that table until the next header.";
    E0104 104 "a required key is missing"
        "The table cannot be used without this key, and any default would be a guess. The hint shows how to write it.";
    E0105 105 "wrong type"
        "The key is right, but its value has the wrong TOML type: text needs quotes, numbers and true or false do not, lists\nuse [ ], tables use { } or a [header]. The label says which type is expected.";
    E0106 106 "invalid value"
        "The value does not have the form that this key requires; the label says what is expected. Values end up in files for\nVPP, FRR, systemd or nftables, so anything that could break or change a line there is refused here.";
    E0107 107 "set twice"
        "Files are merged by key in the order of their names. Tables are merged, but a scalar or list that is set twice is an\nerror: which one wins would be a surprise, and lists are never joined. Remove one of the two.";
    E0108 108 "config-version is missing or unsupported"
        "Every configuration has `config-version = 1` once, above the first table. Another number belongs to another version\nof the configurator, which may give the same words another meaning: install that version or convert the\nconfiguration.";
    E0109 109 "there is no configuration"
        "The configuration folder contains no *.toml file. The dataplane stays down and management comes up by DHCP. Create\n/persistent/config/imp.toml; if it should already exist, check that /persistent is mounted.";
    E0110 110 "a file cannot be read"
        "The operating system refused to read the file; its own message follows. Only regular files of up to 64 MiB inside\nthe configuration folder are read: a link must not lead out of it, or a backup of the folder would be incomplete.\nCorrect the name, owner or mode, or put the file itself into the folder.";
    E0111 111 "the documents are too large"
        "All documents together may have at most 1 GiB in at most 65,535 files. Remove files that are not configuration from\nthe folder.";
    E0112 112 "internal error in imp-config"
        "imp-config failed while reading the configuration, or used more time or memory than a boot has. An override in\ntemplates/ can do that, when it loops, nests or grows without end; no document should. The router keeps working: it\nruns the last good generation. Undo the last change, and if that was no template, report it together with the output\nof `journalctl -u imp-config`.";
}
