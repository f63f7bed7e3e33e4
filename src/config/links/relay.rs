//! `dhcp-relay` and `dhcp6-relay` of an interface.

use super::check::traffic as check;
use super::raw::{LinkRaw, RelayRaw};
use crate::config::check::Checking;
use crate::config::index::Index;
use crate::config::keys::{Field, Filled};
use crate::config::source::Located;
use crate::types::{HostAddr, IfAddr};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A DHCP relay; VPP has one for each family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Relay {
    /// The own address that requests come from.
    pub source: IpAddr,
    /// The servers, of its family, in the order of their addresses; one at least.
    pub servers: Vec<IpAddr>,
}

impl Relay {
    fn of(raw: &RelayRaw) -> Option<Self> {
        let Filled(servers) = raw.servers.get()?;
        let mut servers: Vec<IpAddr> = servers.iter().map(|server| server.value.get()).collect();
        servers.sort();
        Some(Self {
            source: raw.source.value()?.get(),
            servers,
        })
    }
}

/// Both relays, each with whether it is that of IPv4.
fn both(raw: &LinkRaw) -> [(&Field<RelayRaw>, bool); 2] {
    [(&raw.dhcp_relay, true), (&raw.dhcp6_relay, false)]
}

/// Both relays, checked.
pub(super) fn relays(raw: &LinkRaw, addresses: &[Located<IfAddr>], cx: &mut Checking<'_>) -> Vec<Relay> {
    let mut relays = Vec::new();
    for (field, is_v4) in both(raw) {
        let Some(relay) = field.located() else { continue };
        check::relays_its_family(relay, is_v4, addresses, &raw.protocols, cx);
        relays.extend(Relay::of(relay.value));
    }
    relays
}

/// The addresses of a relay, each with its place.
pub(super) fn named(raw: &RelayRaw) -> impl Iterator<Item = Located<HostAddr>> + '_ {
    let servers = raw.servers.get().into_iter().flat_map(|Filled(servers)| servers);
    servers.cloned().chain(raw.source.copied())
}

/// Enters the relays of an interface.
pub(super) fn index_relays(name: &str, raw: &LinkRaw, index: &mut Index) {
    for (field, _) in both(raw) {
        let Some(relay) = field.located() else { continue };
        let span = relay.span;
        let of = Relay::of(relay.value).map(|value| (name.to_owned(), Located { value, span }));
        index.traffic.relays.extend(of);
    }
}
