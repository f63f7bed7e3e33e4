//! 042x to 044x: what VPP accepts, or refuses, in its own way.

use super::codes;

codes! { VPP:
    E0420 420 "two static mappings of the same inside"
        "VPP keeps one outside for each inside address, and one for each inside address, protocol and port. It refuses the\nsecond mapping (\"Mapping already exist\"), and the rest of the configuration would not be applied.";
    E0421 421 "two NAT64 modules have one prefix"
        "Core routes a NAT64 prefix to the one module that translates it. A module without `prefix` has 64:ff9b::/96.";
    E0422 422 "an extra command replaces the NAT64 prefix"
        "VPP has one NAT64 prefix: `nat64 add prefix` silently replaces the one there is, while core still routes that one to\nthe module. Set the module's `prefix` instead.";
}
