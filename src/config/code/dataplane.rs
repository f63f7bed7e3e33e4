//! 02xx: system, management, firewall, NICs, VPP, NAT and Incus.

use super::codes;

codes! { DATAPLANE:
    E0201 201 "not in this version"
        "The configuration is understood, but what VPP does with it was not measured yet, and nothing is rendered from\nmemory: bonds and QinQ (linux-cp on them).";
}
