//! Bridge domains and cross-connects, of the interfaces that there are.

use super::identity;
use super::place;
use crate::config::{Link, Model, Switched, TagType};
use crate::render::{Bindings, Dataplane};
use crate::types::{IfName, VlanId};
use serde::Serialize;
use std::collections::BTreeMap;

/// A bridge domain, and what is in it: this router's own interface first.
#[derive(Debug, Serialize)]
pub(super) struct Domain {
    place: String,
    number: u32,
    ports: Vec<Port>,
}

#[derive(Debug, Serialize)]
struct Port {
    name: String,
    /// `bvi`, or the group that passes no frames to others of it.
    role: Option<&'static str>,
    /// How many tags are taken off what comes in, and put on what goes out.
    pops: Option<usize>,
}

/// One end of a cross-connect.
#[derive(Debug, Serialize)]
pub(super) struct Xconnect {
    place: String,
    name: String,
    to: String,
    pops: Option<usize>,
}

/// A switched interface that there is.
#[derive(Debug, Clone)]
pub(super) struct End<'d> {
    link: &'d Link,
    /// The tags of its frames, the outer one first.
    tags: Vec<(TagType, VlanId)>,
    is_tunnel: bool,
}

impl End<'_> {
    /// How many tags its frames have; `None`: none.
    fn pops(&self) -> Option<usize> {
        Some(self.tags.len()).filter(|tags| *tags > 0)
    }
}

/// The VXLAN tunnels of a bridge domain: the routers at their other ends are joined with one another, and what went through
/// two of them would go round for ever.
const MESH: &str = "1";

/// The switched interfaces that there are, by their names.
pub(super) fn switched<'d>(dataplane: &'d Dataplane, bindings: &'d Bindings) -> BTreeMap<&'d str, End<'d>> {
    let nics = dataplane.found(bindings).flat_map(|it| {
        let own = std::iter::once((&it.link, Vec::new()));
        let vlans = it.vlans.iter().flat_map(|vlan| {
            let outer = (vlan.kind, vlan.tag);
            let inner = vlan.inner.iter();
            let inner = inner.map(move |it| (&it.link, vec![outer, (TagType::Dot1q, it.tag)]));
            std::iter::once((&vlan.link, vec![outer])).chain(inner)
        });
        own.chain(vlans)
    });
    let nics = nics.map(|(link, tags)| End {
        link,
        tags,
        is_tunnel: false,
    });
    let tunnels = dataplane.tunnels.values().map(|it| End {
        link: &it.link,
        tags: Vec::new(),
        is_tunnel: true,
    });
    let switched = nics.chain(tunnels).filter(|it| it.link.switched.is_some());
    switched.map(|it| (it.link.name.as_ref(), it)).collect()
}

/// The bridges of a configuration by the numbers that VPP has for them.
pub fn bridge_numbers(model: &Model) -> BTreeMap<u32, IfName> {
    let numbers = identity::domains(model.bridges.keys().map(AsRef::as_ref));
    numbers.into_iter().zip(model.bridges.keys().cloned()).collect()
}

/// Every bridge domain.
pub(super) fn domains(dataplane: &Dataplane, switched: &BTreeMap<&str, End<'_>>) -> Vec<Domain> {
    let numbers = identity::domains(dataplane.domains.keys().map(AsRef::as_ref));
    let domains = dataplane.domains.values().zip(numbers);
    let domain = |(it, number): (&crate::render::dataplane::BridgeDomain, u32)| {
        let own = it.bvi.iter().map(|link| Port {
            name: link.name.to_string(),
            role: Some("bvi"),
            pops: None,
        });
        let members = it.members.iter();
        let members = members.filter_map(|name| switched.get(name.as_ref()));
        let members = members.map(|member| Port {
            name: member.link.name.in_vpp(),
            role: member.is_tunnel.then_some(MESH),
            pops: member.pops(),
        });
        Domain {
            place: place(dataplane, it.at),
            number,
            ports: own.chain(members).collect(),
        }
    };
    domains.map(domain).collect()
}

/// Both ends of every cross-connect that both ends of are there. Where their tags differ, each end takes its own off and puts
/// it on.
pub(super) fn xconnects(dataplane: &Dataplane, switched: &BTreeMap<&str, End<'_>>) -> Vec<Xconnect> {
    let ends = switched.values().filter_map(|end| {
        let Some(Switched::To(to)) = &end.link.switched else {
            return None;
        };
        let other = switched.get(to.as_ref())?;
        Some(Xconnect {
            place: place(dataplane, end.link.at),
            name: end.link.name.in_vpp(),
            to: to.in_vpp(),
            pops: end.pops().filter(|_| end.tags != other.tags),
        })
    });
    ends.collect()
}
