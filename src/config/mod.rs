//! TOML text to [`Model`]: pure, linear, and never only the first error.
//!
//! `load` reads the files, `source` keeps their texts and turns offsets into `file:line:column`, `merge` makes one
//! document of them (`syntax` tells what TOML refuses, `bulk` takes long lists past it), `reader` walks it (types,
//! unknown keys, did-you-mean), each noun's file decodes its tables, `document` is their root, and `check/` holds what
//! no schema expresses. A [`Model`] comes out only when none of them reported an error.

mod bgp;
mod boot;
mod bulk;
mod check;
mod claims;
pub mod code;
mod dataplane;
pub mod diag;
mod document;
mod firewall;
mod frr;
mod identity;
mod incus;
mod index;
mod interface;
mod load;
mod management;
mod merge;
mod model;
mod nat;
mod nic;
mod ospf;
mod policy;
mod prefix_list;
mod ra;
mod reader;
pub mod report;
mod route;
mod routing;
mod source;
mod syntax;
mod system;

pub use bgp::{Bfd, BfdProfile, Bgp, Neighbor, NeighborBfd, NeighborPolicy, PeerGroup};
pub use boot::{Boot, Check, Health};
pub use claims::claims;
pub use dataplane::{Dataplane, Instance, UioDriver};
pub use diag::{Diagnostic, Severity};
pub use document::parse;
pub use firewall::{Allow, Firewall, Protocol, Service};
pub use identity::{Identity, IdentityBind};
pub use incus::{Bridge, Incus, PoolDriver, Preseed, StoragePool};
pub use interface::{Interface, Loopback, Vlan};
pub use load::Folder;
pub use management::{Management, ManagementAddressing};
pub use model::Model;
pub use nat::{Nat, NatMapping, NatMode, StaticMapping};
pub use nic::{Attach, NicMatch};
pub use ospf::{Area, InterfaceOspf, Ospf, OspfNetwork, Redistribute};
pub use policy::{
    Action, CommunityList, PrefixList, PrefixRule, RouteMap, RouteMapEntry, RouteMapMatch, RouteMapSet,
};
pub use ra::RouterAdvertisement;
pub use route::{Route, RouteTarget};
pub(crate) use source::did_you_mean;
pub use source::{At, File, Files, Sources, Span};
pub use system::{Apply, Bind, System};

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
