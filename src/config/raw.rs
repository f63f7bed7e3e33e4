//! The document itself: every table it may have.

use super::boot::raw::BootRaw;
use super::incus::raw::IncusRaw;
use super::keys::{Named, Reading, Shape, Takes, Value, table};
use super::links::raw::{DataplaneRaw, InstancesRaw, InterfacesRaw, LoopbacksRaw};
use super::machine::raw::{ApplyRaw, BindRaw, FirewallRaw, IdentityRaw, ManagementRaw, SystemRaw};
use super::nat::raw::NatRaw;
use super::routing::raw::{
    BfdRaw, BgpRaw, CommunityListsRaw, FrrRaw, OspfRaw, PrefixListsRaw, RouteMapsRaw, RoutesRaw,
};
use super::source::Located;
use crate::types::NatName;

table! {
    /// The whole configuration: every *.toml of the folder, as one document.
    struct DocumentRaw {
        /// The version of this language.
        "config-version" => version: Version, example("1");
        /// The host itself.
        "system" => system: SystemRaw, required(), example("{ hostname = \"edge1\" }"), also(&["host"]);
        /// The files of this machine, over placeholders in the image.
        "identity" => identity: IdentityRaw;
        /// Directories of /persistent/data, over those of the image.
        "bind" => binds: Vec<Located<BindRaw>>, example("[{ source = \"home\", target = \"/home\" }]"), also(&["binds", "mounts"]);
        /// The NIC that stays in the host namespace.
        "management" => management: ManagementRaw, otherwise("none"), also(&["mgmt"]);
        /// What is let in to the host namespace.
        "firewall" => firewall: FirewallRaw, otherwise("no rules"), also(&["nftables", "filter"]);
        /// The namespace all forwarding happens in.
        "dataplane" => dataplane: DataplaneRaw;
        /// The VPP processes, by name; `core` has the interfaces.
        "vpp" => instances: InstancesRaw;
        /// The loopbacks, by name.
        "loopbacks" => loopbacks: LoopbacksRaw, also(&["loopback", "lo"]);
        /// The NICs of the dataplane, by name.
        "interfaces" => interfaces: InterfacesRaw, also(&["interface", "ethernet", "ethernets", "ports"]);
        /// The static routes, by prefix.
        "routes" => routes: RoutesRaw, example("{ \"0.0.0.0/0\" = { via = \"198.51.100.1\" } }"), also(&["route", "static", "static-routes"]);
        /// The NAT modules, by name.
        "nat" => nats: Named<NatName, NatRaw>, also(&["cgnat", "cgn", "nat44", "nat64"]);
        /// BGP.
        "bgp" => bgp: BgpRaw, otherwise("no BGP");
        /// BFD.
        "bfd" => bfd: BfdRaw;
        /// Lists of prefixes, by name.
        "prefix-lists" => prefix_lists: PrefixListsRaw, example("{ OURS = [\"203.0.113.0/24\"] }"), also(&["prefix-list", "prefix-sets"]);
        /// Lists of communities, by name.
        "community-lists" => community_lists: CommunityListsRaw, example("{ CUSTOMERS = [\"64500:1\"] }"), also(&["community-list", "communities"]);
        /// The route-maps, by name: entries in order.
        "route-maps" => route_maps: RouteMapsRaw, example("{ ALL = [{ action = \"permit\" }] }"), also(&["route-map", "policy", "policies", "policy-statement"]);
        /// OSPF for IPv4.
        "ospf" => ospf: OspfRaw, otherwise("as interfaces have it"), also(&["ospfv2"]);
        /// OSPF for IPv6.
        "ospf6" => ospf6: OspfRaw, otherwise("as interfaces have it"), also(&["ospfv3"]);
        /// The way out: lines for FRR that no key says.
        "frr" => frr: FrrRaw;
        /// The bridges of containers, and what Incus is set up with.
        "incus" => incus: IncusRaw, also(&["lxd", "containers"]);
        /// What makes a boot a good one.
        "boot" => boot: BootRaw;
        /// How a change is applied.
        "apply" => apply: ApplyRaw, also(&["commit"]);
    }
}

/// The only `config-version` this build reads.
pub(super) const VERSION: i64 = 1;

/// The version of the language a document is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Version(i64);

impl Takes for Version {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        value.number(reading).map(Self)
    }

    fn shape() -> Shape {
        Shape::Number {
            about: "1, the version this build reads",
            least: VERSION,
            greatest: VERSION,
        }
    }
}
