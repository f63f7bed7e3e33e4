//! TOML text to [`Model`]: pure, linear, and with every error in one run.
//!
//! `load` and `read` read the files, `source` keeps their texts and turns offsets into `file:line:column`, `merge` makes one
//! document of them (`syntax` tells what TOML refuses, `bulk` takes long lists past it). `keys` decodes what the `raw` of
//! each subject declares, `index` holds what checks look up in other tables, and each subject checks what no schema
//! expresses. A [`Model`] comes out only when none of them reported an error.

mod boot;
mod bulk;
mod check;
mod claims;
pub mod code;
pub mod diag;
pub mod difference;
mod document;
mod incus;
mod index;
mod keys;
mod links;
mod load;
mod machine;
mod manual;
mod merge;
mod model;
mod nat;
mod overlap;
mod raw;
mod read;
pub mod report;
mod routing;
mod schema;
mod source;
mod subnets;
mod syntax;

pub use boot::{Boot, Check, Health};
pub use claims::claims;
pub use diag::{Diagnostic, Severity};
pub use document::parse;
pub use incus::{Bridge, Incus, PoolDriver, Preseed, StoragePool};
pub use links::acl::{ALL_PORTS, Acl, AclAction, AclRule};
pub use links::bond::{Bond, BondMode, Member};
pub use links::bridge::{BridgeDomain, Bvi};
pub use links::carrier::{Balance, Carrier, Nic, RxMode};
pub use links::dataplane::{Dataplane, Instance, UioDriver};
pub use links::export::{Export, Ipfix, Layer, Lldp, Sflow};
pub use links::interface::{Interface, Loopback};
pub use links::link::{Link, Protocols};
pub use links::nic::{Attach, NicMatch};
pub use links::plugin::Needs;
pub use links::ra::{AdvertisedPrefix, RouterAdvertisement, RouterPreference};
pub use links::relay::Relay;
pub use links::switched::Switched;
pub use links::traffic::{Direction, Mirror, Policer, Sides, StaticNeighbor, Traffic, Urpf};
pub use links::tunnel::{Tunnel, TunnelEnds, TunnelKind, TunnelWay};
pub use links::vlan::{InnerVlan, TagType, Vlan};
pub use links::vrrp::VirtualRouter;
pub use links::wireguard::{Wireguard, WireguardPeer};
pub use load::Folder;
pub use machine::firewall::{Allow, Firewall, Protocol, Service};
pub use machine::identity::{Identity, IdentityBind};
pub use machine::management::{Management, ManagementAddressing};
pub use machine::monitoring::{Prometheus, Snmp};
pub use machine::system::{Apply, Bind, Syslog, System};
pub use machine::user::User;
pub use model::Model;
pub use nat::{
    Bypass, Holds, Nat, NatMapping, NatMode, Pool, SessionLog, SessionTimeouts, Share, StaticMapping,
    StaticMapping64, next_acls,
};
pub use routing::bfd::{Bfd, BfdProfile};
pub use routing::bgp::{Aggregate, Bestpath, Bgp, Confederation, Neighbor, Network, PeerGroup};
pub use routing::extra::{Daemon, Families, FrrExtra};
pub use routing::isis::{InterfaceIsis, Isis, IsisLevel, IsisRedistribution, IsisSource};
pub use routing::list::{AsPathList, CommunityList, Rule};
pub use routing::log::LogLevel;
pub use routing::origin::{Redistributed, RouteOrigin};
pub use routing::ospf::{
    Area, AreaKind, AreaRange, AreaSettings, DefaultRoute, External, HashAlgorithm, InterfaceOspf, Ospf,
    OspfAuth, OspfNetwork, Redistribute, Redistribution, Summaries,
};
pub use routing::policy::{
    Action, Adjustment, ListMatch, Origin, PrefixList, PrefixRule, Prepend, RouteMap, RouteMapEntry,
    RouteMapMatch, RouteMapSet, SetCommunities, SourceProtocol, Then, Validity,
};
pub use routing::room::{Room, netlink_buffer};
pub use routing::route::{Route, RouteTarget};
pub use routing::rpki::{Rpki, RpkiCache};
pub use routing::session::{
    AddPath, CommunityKind, DefaultOriginate, Excess, InOut, LocalAs, LocalAsPaths, LocalRole, NeighborBfd,
    NeighborPolicy, NextHopSelf, OwnAs, PrefixLimit, PrivateAs, RemoteAs,
};
pub use routing::vrf::{InVrf, Routing, Vrf, in_vrf};
pub(crate) use source::did_you_mean;
pub use source::{At, File, Files, Sources, Span};

/// What became of a configuration: the Model when nothing refused it, and every finding in the documents' order.
#[derive(Debug)]
pub struct Parsed {
    /// The Model; `None` when there was an error.
    pub model: Option<Model>,
    /// Errors and warnings, by place.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts the diagnostics point into.
    pub sources: Sources,
}

/// The JSON Schema (2020-12) of the configuration, for editors.
pub fn schema() -> String {
    schema::schema(raw::DocumentRaw::DECLARATION)
}

/// imp.toml(5), in roff.
pub fn manual() -> String {
    manual::page(raw::DocumentRaw::DECLARATION)
}

/// What a key or table is, by its path (`interfaces.NAME.mtu`, or `.` for the document); `None` when there is none.
pub fn explain_key(path: &str) -> Option<String> {
    manual::explain(raw::DocumentRaw::DECLARATION, path)
}

/// The paths that were probably meant by one that is no key or table.
pub fn keys_meant(path: &str) -> Vec<String> {
    manual::meant(raw::DocumentRaw::DECLARATION, path)
}

/// The paths of all keys, for completion.
pub fn key_paths() -> Vec<String> {
    manual::paths(raw::DocumentRaw::DECLARATION)
}
