//! The host's namespace: management, and Incus's bridges.

use super::{Joined, Kind, Node, Picture, State, node};
use crate::config::{Bridge, Management, ManagementAddressing};
use crate::types::IfName;

impl Picture<'_> {
    /// The namespace; nothing when neither management nor a bridge is configured.
    pub(super) fn host(&mut self) -> Option<Node> {
        let model = self.model;
        let mut inner: Vec<Node> = model.management.iter().map(|it| self.management(it)).collect();
        for (name, bridge) in &model.incus.bridges {
            inner.extend(self.bridge(name, bridge));
        }
        let state = match self.seen {
            None => State::Planned,
            Some(_) => State::Up,
        };
        let space = node("namespace:host", Kind::Namespace, "host", state);
        (!inner.is_empty()).then(|| space.inner(inner))
    }

    fn management(&self, it: &Management) -> Node {
        let seen = self.seen.and_then(|seen| seen.management.as_ref());
        let state = match (self.seen, seen) {
            (None, _) => State::Planned,
            (Some(seen), None) if seen.host.is_none() => State::Unknown,
            (Some(_), None) => State::Absent,
            (Some(_), Some(device)) => self.in_host(device.as_ref()),
        };
        let addressing = match &it.addressing {
            ManagementAddressing::Dhcp => vec!["DHCP".to_owned()],
            ManagementAddressing::Static {
                addresses,
                gateway,
                gateway6,
                ..
            } => {
                let addresses = addresses.iter().map(ToString::to_string);
                let gateways = gateway.map(|it| it.to_string()).into_iter();
                let gateways = gateways.chain(gateway6.map(|it| it.to_string()));
                addresses
                    .chain(gateways.map(|it| format!("gateway {it}")))
                    .collect()
            }
        };
        node("nic:management", Kind::Nic, "management", state)
            .notes(addressing)
            .notes(seen.map(|device| format!("device {device}")))
            .note(&it.matches)
    }

    /// The bridge, and the containers that get their addresses on it.
    fn bridge(&mut self, name: &IfName, bridge: &Bridge) -> Vec<Node> {
        let id = format!("bridge:{name}");
        let containers = format!("containers:{name}");
        self.join(&id, &containers, Joined::Ports);
        let on = node(
            &id,
            Kind::Bridge,
            format!("bridge {name}"),
            self.in_host(name.as_ref()),
        )
        .note(bridge.address)
        .note(format!("port {name}-dp"));
        let range = bridge.dhcp_range.map(|range| format!("DHCP {range}"));
        let router = format!("router {}", bridge.gateway);
        // Incus has them, not the configuration.
        let on_it = node(containers, Kind::Containers, "containers", State::Planned)
            .notes(range)
            .note(router);
        vec![on, on_it]
    }
}
