//! What cross-checks compare: names, addresses and references, each with the place a caret can stand under.
//!
//! The Model itself keeps `file:line` only; columns live here, as long as checking lasts.

use super::NicMatch;
use super::reader::Located;
use super::source::Span;
use crate::types::{IfAddr, PolicyName, Prefix};
use std::collections::BTreeMap;

/// Filled while decoding, read by the checks.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Every L3 interface by its name (`external`, `internal.30`, `lo0`, `incusbr0`) and where it was written.
    pub(super) l3: BTreeMap<String, Span>,
    /// Every address of an L3 interface of the dataplane.
    pub(super) addresses: Vec<Address>,
    /// Every NIC match, by interface name; management is `management`.
    pub(super) matches: Vec<(String, NicMatch, Span)>,
    /// Uses of `[interfaces]`, `[loopbacks]` or bridges by name, elsewhere in the document.
    pub(super) l3_uses: Vec<Located<String>>,
    /// NAT outside prefixes.
    pub(super) nat_outside: Vec<Located<Prefix>>,
    /// Uses of route-maps.
    pub(super) route_map_uses: Vec<Located<PolicyName>>,
    /// Uses of prefix-lists.
    pub(super) prefix_list_uses: Vec<Located<PolicyName>>,
    /// Uses of community-lists.
    pub(super) community_list_uses: Vec<Located<PolicyName>>,
}

/// One address, its interface and its place.
#[derive(Debug, Clone)]
pub(super) struct Address {
    /// The L3 interface's name.
    pub(super) interface: String,
    /// The address.
    pub(super) addr: IfAddr,
    /// Its place.
    pub(super) span: Span,
}
