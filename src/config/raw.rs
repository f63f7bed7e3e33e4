//! The document itself: every table it may have.

use super::boot::raw::BootRaw;
use super::code::E0108;
use super::incus::raw::IncusRaw;
use super::keys::{Named, Reading, Shape, Takes, Value, table};
use super::links::export::raw::{IpfixRaw, LldpForm, SflowRaw};
use super::links::raw::{
    AclsRaw, BridgeDomainsRaw, DataplaneRaw, InstancesRaw, InterfacesRaw, LoopbacksRaw, PolicersRaw,
    TunnelsRaw,
};
use super::machine::raw::{ApplyRaw, BindRaw, FirewallRaw, IdentityRaw, ManagementRaw, SystemRaw};
use super::machine::raw::{PrometheusRaw, SnmpRaw, UserRaw};
use super::nat::raw::NatRaw;
use super::routing::raw::{
    AsPathListsRaw, BfdRaw, BgpRaw, CommunityListsRaw, FrrRaw, IsisRaw, LargeCommunityListsRaw, OspfRaw,
    PrefixListsRaw, RouteMapsRaw, RoutesRaw, RpkiRaw, VrfsRaw,
};
use super::source::Located;
use crate::types::{NatName, UserName};

table! {
    /// The whole configuration: every *.toml of the folder, as one document.
    struct DocumentRaw {
        /// The version of this language.
        "config-version" => version: Version, required(), code(E0108), example("1"), also(&["version"]);
        /// The host itself.
        "system" => system: SystemRaw, required(), example("{ hostname = \"edge1\" }"), also(&["host"]);
        /// Who logs in, by name.
        "users" => users: Named<UserName, UserRaw>, since("0.3.0"), example("{ alice = { groups = [\"sudo\"] } }"), also(&["user", "login", "accounts"]);
        /// SNMP.
        "snmp" => snmp: SnmpRaw, since("0.3.0"), example("{ listen = [\"172.16.0.10\"], community-file = \"secrets/snmp\" }"), otherwise("as the image has it"), also(&["snmpd"]);
        /// Samples of the packets, for collectors of sFlow.
        "sflow" => sflow: SflowRaw, since("0.3.0"), example("{ collectors = [\"192.0.2.77\"], interfaces = [\"external\"] }"), otherwise("none");
        /// Reports of the flows, for a collector of IPFIX.
        "ipfix" => ipfix: IpfixRaw, since("0.3.0"), example("{ collector = \"192.0.2.78\", source = \"192.0.2.1\", interfaces = [\"external\"] }"), otherwise("none"), also(&["netflow", "flow-accounting"]);
        /// Whether the NICs tell their neighbours on the wire who this is; a table names the NICs.
        "lldp" => lldp: LldpForm, since("0.3.0"), example("true"), default("false");
        /// What Prometheus asks.
        "prometheus" => prometheus: PrometheusRaw, since("0.3.0"), example("{ node-exporter = \"172.16.0.10:9100\" }"), otherwise("as the image has it"), also(&["monitoring", "exporters"]);
        /// Files of this machine that are bound over placeholders in the image.
        "identity" => identity: IdentityRaw, example("{ bind = [{ source = \"ssh_ca.pub\", target = \"/etc/ssh/ssh_ca.pub\" }] }");
        /// Directories of /persistent/data that are bound over directories of the image.
        "bind" => binds: Vec<Located<BindRaw>>, example("[{ source = \"home\", target = \"/home\" }]"), unordered(), also(&["binds", "mounts"]);
        /// The NIC that stays in the host namespace.
        "management" => management: ManagementRaw, example("{ match = { mac = \"3c:ec:ef:00:00:01\" }, dhcp = true }"), otherwise("none"), also(&["mgmt"]);
        /// Inbound firewall of the host namespace.
        "firewall" => firewall: FirewallRaw, example("{ allow = [{ service = \"ssh\" }] }"), otherwise("no rules"), also(&["nftables", "filter"]);
        /// The namespace all forwarding happens in.
        "dataplane" => dataplane: DataplaneRaw, example("{ nic-wait = \"30s\" }");
        /// The VPP processes, by name; `core` has the interfaces.
        "vpp" => instances: InstancesRaw, example("{ core = { main-core = 1, corelist-workers = \"2-5\" } }");
        /// The loopbacks, by name.
        "loopbacks" => loopbacks: LoopbacksRaw, example("{ lo0 = { addresses = [\"192.0.2.1/32\"] } }"), also(&["loopback", "lo"]);
        /// The NICs of the dataplane, by name.
        "interfaces" => interfaces: InterfacesRaw, example("{ external = { match = { pci = \"0000:65:00.0\" } } }"), also(&["interface", "ethernet", "ethernets", "ports"]);
        /// The bridge domains, by name: their members are one Ethernet, and with `addresses` this router is on it.
        "bridges" => bridges: BridgeDomainsRaw, since("0.3.0"), example("{ lan = { members = [\"internal.10\", \"internal.20\"] } }"), also(&["bridge", "bridge-domain", "bridge-domains", "bridgedomains", "bvi", "l2"]);
        /// The tunnels, by name.
        "tunnels" => tunnels: TunnelsRaw, since("0.3.0"), example("{ t1 = { type = \"gre\", source = \"192.0.2.1\", destination = \"198.51.100.77\" } }"), also(&["tunnel", "gre", "ipip", "vxlan", "vxlan_tunnels", "wireguard", "wg"]);
        /// The ACLs of the dataplane, by name: the first rule that matches a packet decides, and without one it is dropped.
        "acls" => acls: AclsRaw, since("0.3.0"), example("{ EDGE = [{ action = \"permit\", destination = \"192.0.2.0/24\" }] }"), also(&["acl", "access-list", "access-lists", "acl_table"]);
        /// The policers of the dataplane, by name.
        "policers" => policers: PolicersRaw, since("0.3.0"), example("{ GOLD = { rate = \"100M\" } }"), also(&["policer", "shaper", "traffic-policy", "qos"]);
        /// The static routes, by prefix.
        "routes" => routes: RoutesRaw, example("{ \"0.0.0.0/0\" = { via = \"198.51.100.1\" } }"), also(&["route", "static", "static-routes"]);
        /// The VRFs, by name: each a routing table of its own, with its own static routes and BGP.
        "vrfs" => vrfs: VrfsRaw, since("0.3.0"), example("{ CUST = { table = 10 } }"), otherwise("the main table alone"), also(&["vrf", "routing-instances", "routing-instance", "virtual-router", "l3mdev"]);
        /// The NAT modules, by name.
        "nat" => nats: Named<NatName, NatRaw>, example("{ lan = { instance = \"nat\", mode = \"nat64\", pool = \"203.0.113.8-203.0.113.15\" } }"), also(&["cgnat", "cgn", "nat44", "nat64"]);
        /// BGP.
        "bgp" => bgp: BgpRaw, example("{ asn = 64500 }"), otherwise("no BGP");
        /// BFD.
        "bfd" => bfd: BfdRaw, example("{ profiles = { FAST = { receive-interval = 100 } } }");
        /// Lists of prefixes, by name.
        "prefix-lists" => prefix_lists: PrefixListsRaw, example("{ OURS = [\"203.0.113.0/24\"] }"), also(&["prefix-list", "prefix-sets"]);
        /// Lists of AS paths, by name: regular expressions, of which the first that matches decides.
        "as-path-lists" => as_path_lists: AsPathListsRaw, since("0.3.0"), example("{ BOGON-ASN = [\"_23456_\"] }"), also(&["as-path-list", "as-path", "as-path-sets"]);
        /// Lists of communities, by name; a route matches one that permits what it carries.
        "community-lists" => community_lists: CommunityListsRaw, example("{ CUSTOMERS = [\"64500:1\"] }"), also(&["community-list", "communities"]);
        /// The same for large communities.
        "large-community-lists" => large_community_lists: LargeCommunityListsRaw, since("0.3.0"), example("{ CUSTOMERS = [\"64500:1:2\"] }"), also(&["large-community-list", "large-communities"]);
        /// RPKI: the caches that route-maps ask where a prefix may come from.
        "rpki" => rpki: RpkiRaw, since("0.3.0"), example("{ caches = { \"192.0.2.10\" = { port = 3323 } } }"), otherwise("no validation");
        /// The route-maps, by name: entries in order.
        "route-maps" => route_maps: RouteMapsRaw, example("{ ALL = [{ action = \"permit\" }] }"), also(&["route-map", "policy", "policies", "policy-statement"]);
        /// OSPF for IPv4.
        "ospf" => ospf: OspfRaw, example("{ default-originate = true }"), otherwise("as interfaces have it"), also(&["ospfv2"]);
        /// OSPF for IPv6.
        "ospf6" => ospf6: OspfRaw, example("{ default-originate = true }"), otherwise("as interfaces have it"), also(&["ospfv3"]);
        /// IS-IS.
        "isis" => isis: IsisRaw, since("0.3.0"), example("{ net = \"49.0001.1920.0000.2001.00\" }"), otherwise("no IS-IS"), also(&["is-is"]);
        /// What FRR logs, and extra lines for settings that have no key.
        "frr" => frr: FrrRaw, example("{ extra-file = \"frr/extra.conf\" }");
        /// The bridges of containers, and what Incus is set up with.
        "incus" => incus: IncusRaw, example("{ preseed-file = \"incus/preseed.yaml\" }"), also(&["lxd", "containers"]);
        /// What makes a boot a good one.
        "boot" => boot: BootRaw, example("{ health = { deadline = \"180s\" } }");
        /// How a change is applied.
        "apply" => apply: ApplyRaw, example("{ confirm-timeout = \"10m\" }"), also(&["commit"]);
    }
}

/// The only `config-version` this build reads.
pub(super) const VERSION: i64 = 1;

/// The version of the language a document is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Version;

impl Takes for Version {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        value.number(reading).map(|_| Self)
    }

    fn shape() -> Shape {
        Shape::Number {
            about: "1, the version this build reads",
            least: VERSION,
            greatest: VERSION,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::DocumentRaw;
    use crate::config::File;
    use crate::config::diag::Findings;
    use crate::config::keys::{Declaration, Key, Reading, Shape, Value};
    use std::collections::{BTreeMap, BTreeSet};
    use toml::de::DeValue;

    fn each_table(
        shape: Shape,
        seen: &mut BTreeSet<&'static str>,
        tell: &mut dyn FnMut(&'static Declaration),
    ) {
        match shape {
            Shape::Table(declared) if seen.insert(declared.name()) => {
                tell(declared);
                for key in declared.keys() {
                    each_table((key.shape)(), seen, tell);
                }
            }
            Shape::Named { each, .. } | Shape::List(each) | Shape::Filled(each) => {
                each_table(*each, seen, tell)
            }
            Shape::Either(shapes) => shapes.into_iter().for_each(|shape| each_table(shape, seen, tell)),
            _ => {}
        }
    }

    fn tables() -> Vec<&'static Declaration> {
        let mut tables = Vec::new();
        let document = Shape::Table(DocumentRaw::DECLARATION);
        each_table(document, &mut BTreeSet::new(), &mut |declared| {
            tables.push(declared)
        });
        tables
    }

    /// What is wrong with a value of a key, written in TOML.
    fn wrong(key: &Key, text: &str) -> Option<String> {
        let document = format!("value = {text}");
        let (table, errors) = toml::de::DeTable::parse_recoverable(&document);
        if !errors.is_empty() {
            return Some(format!("{errors:?}"));
        }
        let files: BTreeMap<String, File> = BTreeMap::new();
        let mut reading = Reading {
            files: &files,
            found: Findings::new(Vec::new()),
            texts: crate::config::Sources::default(),
            document: DocumentRaw::DECLARATION,
        };
        let document = serde_spanned::Spanned::new(0..0, DeValue::Table(table.into_inner()));
        let document = Value::document(&document);
        let accepted = (key.accepts)(&document.entry("value").unwrap(), &mut reading);
        let mut found = reading.found.into_list();
        // There is no folder here that a file could be in.
        found.retain(|it| it.code != crate::config::code::E0110);
        (!accepted && !found.is_empty()).then(|| format!("{found:?}"))
    }

    #[test]
    fn each_key_says_what_it_is_and_shows_a_value_it_takes() {
        for table in tables() {
            assert!(
                table.about().ends_with('.') && !table.about().contains('\n'),
                "{}",
                table.name()
            );
            for key in table.keys() {
                let name = format!("{}.{}", table.name(), key.name);
                let about = key.about();
                assert!(about.ends_with('.') && about.len() <= 120, "{name}: {about}");
                assert_eq!(wrong(key, key.example), None, "{name}: its example");
                let default = key.default.and_then(|default| wrong(key, default));
                assert_eq!(default, None, "{name}: its default");
                assert!(
                    key.default.is_none() || key.otherwise.is_none(),
                    "{name}: two defaults"
                );
            }
        }
        assert!(tables().len() > 30);
    }

    #[test]
    fn no_key_is_newer_than_this_version() {
        let numbers = |version: &str| -> Vec<u32> {
            version.split('.').map(|number| number.parse().unwrap()).collect()
        };
        for key in tables().into_iter().flat_map(Declaration::keys) {
            assert!(
                numbers(key.since) <= numbers(env!("CARGO_PKG_VERSION")),
                "{}",
                key.name
            );
        }
    }

    #[test]
    fn no_foreign_word_leads_to_two_keys_or_away_from_one() {
        for table in tables() {
            let mut seen: BTreeSet<&str> = table.keys().map(|key| key.name).collect();
            for word in table.keys().flat_map(|key| key.also) {
                assert!(seen.insert(word), "{}: '{word}'", table.name());
            }
        }
    }
}
