//! 04xx: templates and rendering.

use super::codes;

codes! { RENDER:
    E0401 401 "a template cannot be rendered"
        "A template below /persistent/config/templates replaces the one of the same path in the package; this one has an\nerror at the line the message names. Remove the file to use the package's own.";
    E0402 402 "a value would break the rendered file"
        "Each target has a grammar, and a value that could end a line, start a comment or open a group there is refused\nwhen it is written, whatever the template says: `|safe` changes nothing.";
    E0403 403 "a template nothing reads"
        "A file below /persistent/config/templates replaces the package's template of the same path, and the package has\nnone of this path. The hint names the nearest one.";
    E0404 404 "an extra file has a line its target cannot take"
        "The lines of extra-file, extra-commands-file and extra-startup-file are written as they are, so they may not hold\ncontrol or bidi characters, unbalanced braces (startup) or our own markers (commands).";
    E0405 405 "a route to a NAT pool of one address loses against FRR's"
        "Core reaches a NAT pool by routes VPP holds itself, written as two halves because a route of FRR for the very same\nprefix (the blackhole behind an announced network, or a static route) would beat them. A single address has no\nhalves. Announce the network around it, not the address.";
    E0406 406 "FRR refuses the rendered frr.conf"
        "`vtysh -C` was shown the rendered file and does not know this line. Every line we write is checked against FRR's\ngrammar beforehand, so it is one of [frr] extra-file or of a template below templates/frr.";
}
