//! `[tunnels.NAME]`: packets or frames inside packets to another router.

use super::check::traffic::{NoNic, only_a_nic_receives};
use super::check::{carried, tunnel as check};
use super::link::{Above, Link, Protocols, Written, link, protocols};
use super::raw::{TunnelRaw, TunnelType, TunnelsRaw};
use super::switched::index_port;
use super::wireguard::{self, Wireguard};
use crate::config::RouterAdvertisement;
use crate::config::check::Checking;
use crate::config::index::{Index, Name};
use crate::config::keys::Field;
use crate::config::source::{Located, Span};
use crate::types::{IfName, Mtu};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// `[tunnels.NAME]`.
#[derive(Debug)]
pub struct Tunnel {
    /// What VPP is told of it. One that carries packets has an MTU.
    pub link: Link,
    /// What FRR is told of it.
    pub protocols: Protocols,
    /// Between whom, and how.
    pub way: TunnelWay,
}

/// Between whom a tunnel is, and how it carries packets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum TunnelWay {
    /// Between two routers, each packet as it is inside another.
    Plain(TunnelEnds),
    /// Encrypted, to the peers of WireGuard.
    Wireguard(Wireguard),
}

/// The two ends of a tunnel; no other of its kind has the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TunnelEnds {
    /// How packets are wrapped.
    pub kind: TunnelKind,
    /// An address of this router.
    pub source: IpAddr,
    /// The other router's, of the same family.
    pub destination: IpAddr,
}

/// How packets are wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum TunnelKind {
    /// GRE: packets of both families.
    Gre,
    /// IP in IP: packets of both families.
    Ipip,
    /// VXLAN: Ethernet frames, for a bridge domain or a cross-connect.
    Vxlan {
        /// Its number.
        vni: u32,
    },
}

impl TunnelKind {
    /// As the documents have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Gre => "gre",
            Self::Ipip => "ipip",
            Self::Vxlan { .. } => "vxlan",
        }
    }

    /// Whether Ethernet frames are in it, and not packets.
    pub fn has_frames(self) -> bool {
        matches!(self, Self::Vxlan { .. })
    }
}

impl TunnelWay {
    /// As the documents have it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Plain(ends) => ends.kind.word(),
            Self::Wireguard(_) => "wireguard",
        }
    }

    /// Whether Ethernet frames are in it, and not packets.
    pub fn has_frames(&self) -> bool {
        matches!(self, Self::Plain(ends) if ends.kind.has_frames())
    }

    /// An address of this router.
    pub fn source(&self) -> IpAddr {
        match self {
            Self::Plain(ends) => ends.source,
            Self::Wireguard(it) => it.source,
        }
    }

    /// What each packet has around it, in bytes: for VXLAN with the Ethernet header inside.
    pub fn overhead(&self) -> u16 {
        let outer = if self.source().is_ipv4() { 20 } else { 40 };
        let inner = match self {
            Self::Plain(ends) => match ends.kind {
                TunnelKind::Gre => 4,
                TunnelKind::Ipip => 0,
                TunnelKind::Vxlan { .. } => 8 + 8 + 14,
            },
            // UDP's header, WireGuard's, and the proof behind the packet.
            Self::Wireguard(_) => 8 + 16 + 16,
        };
        outer + inner
    }
}

/// `[tunnels.NAME]`, checked.
pub(in crate::config) fn tunnels(raw: &Field<TunnelsRaw>, cx: &mut Checking<'_>) -> BTreeMap<IfName, Tunnel> {
    let entries = raw.entries().iter();
    let checked = entries
        .filter_map(|(name, table)| Some((name.value.clone(), tunnel(name, &table.value, table.span, cx)?)));
    checked.collect()
}

fn tunnel(name: &Located<IfName>, raw: &TunnelRaw, span: Span, cx: &mut Checking<'_>) -> Option<Tunnel> {
    let word = raw.kind.value()?;
    cx.keys_of_mode(raw.keys(), word.word(), span, &["tunnels", name.value.as_ref()]);
    let mut link = link(&raw.link, (&name.value).into(), span, Above::Nothing, cx);
    let protocols = protocols(&raw.link.protocols, cx);
    only_a_nic_receives(&raw.link, NoNic::Tunnel, cx);
    let frr_advertises = link.ra.as_ref().is_some_and(RouterAdvertisement::is_frrs);
    carried::packets_alone(word, &raw.link, frr_advertises, cx);
    if let Some(source) = raw.source.copied() {
        check::source_is_own(source, cx);
    }
    let way = match word {
        TunnelType::Wireguard => TunnelWay::Wireguard(wireguard::wireguard(&name.value, raw, cx)?),
        TunnelType::Gre | TunnelType::Ipip | TunnelType::Vxlan => {
            let (source, destination) = (raw.source.copied()?, raw.destination.copied()?);
            let ends = ends(raw)?;
            check::other_end_fits(source, destination, cx);
            check::does_not_lead_into_itself(name.value.as_ref(), destination, cx);
            TunnelWay::Plain(ends)
        }
    };
    if way.has_frames() {
        check::frames_go_somewhere(name, &link, &raw.link, cx);
    }
    let own = raw.link.mtu.copied();
    check::fits_the_path(own, &way, cx);
    if !way.has_frames() {
        let left = check::path_mtu(way.source(), cx).min(check::INTERNET) - way.overhead();
        link.mtu = own
            .map(|own| own.value)
            .or_else(|| Mtu::try_from(i64::from(left)).ok());
    }
    Some(Tunnel { link, protocols, way })
}

/// The ends, where the table says all that they are made of.
fn ends(raw: &TunnelRaw) -> Option<TunnelEnds> {
    Some(TunnelEnds {
        kind: match raw.kind.value()? {
            TunnelType::Gre => TunnelKind::Gre,
            TunnelType::Ipip => TunnelKind::Ipip,
            TunnelType::Vxlan => TunnelKind::Vxlan {
                vni: raw.vni.get()?.get(),
            },
            TunnelType::Wireguard => return None,
        },
        source: raw.source.get()?.get(),
        destination: raw.destination.get()?.get(),
    })
}

/// Enters the tunnels: their names, ends and addresses.
pub(in crate::config) fn index_tunnels(raw: &Field<TunnelsRaw>, index: &mut Index) {
    for (name, table) in raw.entries() {
        let raw = &table.value;
        index.dataplane_names.push(Name {
            name: name.value.to_string(),
            what: "a tunnel",
            span: name.span,
        });
        Written::of(name.value.to_string(), table.span, &raw.link, Above::Nothing).enter(index);
        let Some(kind) = raw.kind.value() else { continue };
        index.tunnels.insert(name.value.to_string(), kind.automatic());
        match (kind, raw.link.xconnect.copied()) {
            (TunnelType::Vxlan, _) => {
                index_port(name.value.as_ref(), &raw.link, Above::Nothing, index);
            }
            (TunnelType::Wireguard, _) => wireguard::index_peers(name.value.as_ref(), raw, index),
            (_, to) => index
                .switching
                .xconnects
                .extend(to.map(|to| (name.value.to_string(), to))),
        }
        if let (Some(ends), Some(place)) = (ends(raw), raw.destination.span()) {
            if ends.kind.has_frames() {
                let left = check::INTERNET - TunnelWay::Plain(ends).overhead();
                let mtu = raw.link.mtu.get().map_or(left, |mtu| mtu.get());
                index.mtus.insert(name.value.to_string(), mtu);
            }
            index.tunnel_ends.push((ends, place));
        }
    }
}
