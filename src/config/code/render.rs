//! 04xx: templates and rendering.

use super::codes;

codes! { RENDER:
    E0401 401 "a template cannot be rendered"
        "A template below /persistent/config/templates replaces the packaged one with the same path; this one has an error at\nthe line given in the message. Remove the file to use the packaged template.";
    E0402 402 "a value would break the rendered file"
        "Each target has a grammar, and a value that could end a line, start a comment or open a group there is refused when\nit is written, whatever the template says: `|safe` changes nothing.";
    E0403 403 "a template that nothing uses"
        "A file below /persistent/config/templates replaces the packaged template with the same path, but the package has\nnone with this path. The hint names the closest one.";
    E0404 404 "an extra file has a line its target cannot take"
        "The lines of extra-file, extra-commands-file and extra-startup-file are inserted unchanged, so they must not contain\ncontrol or bidi characters, unbalanced braces (startup) or reserved markers (commands).";
    E0405 405 "the route to a NAT pool of one address loses against FRR's"
        "Core reaches a NAT pool by routes that VPP holds itself, split into two halves because an FRR route for the same\nprefix would win. A single address cannot be split, and [routes] has a route to exactly this one. Remove that route;\nannouncing the address in [bgp] networks needs none.";
    E0406 406 "FRR refuses the rendered frr.conf"
        "`vtysh -C` checked the rendered file and does not know this line. Generated lines are checked against FRR's grammar\nbeforehand, so it comes from [frr] extra-file or a template below templates/frr.";
    E0407 407 "FRR takes long to load the configuration"
        "A warning. FRR compares each member of a prefix-list with the others of the list while it loads. Until it is through,\nroutes and sessions are missing. Long lists are divided into parts that load fast, but only where the meaning stays the\nsame: when the entries of the list are all permit (but for a few deny entries at its beginning) or all deny, and\nnothing but route-maps uses it. Lists that extra-file or a template names are loaded whole.";
    E0408 408 "a module of FRR is not installed"
        "A warning. bgpd does not start at all with a module that it cannot load, so it is started without. The lines of\nextra-file that need the module, and those behind them, are lost then. Install the package that has it.";
}
