//! 03xx: routes, BGP, OSPF, BFD and policy.

use super::codes;

codes! { ROUTING:
    E0301 301 "undefined route-map"
        "The name is used but no [[route-maps.NAME]] defines it. FRR accepts that silently and filters everything.";
}
