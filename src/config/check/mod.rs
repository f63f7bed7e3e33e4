//! What no schema expresses: values of different tables compared with each other.

pub(super) mod bgp;
pub(super) mod routing;
