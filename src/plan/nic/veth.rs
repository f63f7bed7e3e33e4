//! The veth pair that joins an Incus bridge in the host to VPP in the namespace.

use super::without_ipv6;
use crate::config::code;
use crate::facts::nic::{Nic, NicFacts};
use crate::plan::{Action, Link, Notice, Place, Plan};
use crate::types::{IfName, KernelName, NetnsName};

/// Suffix of the end that is a port of Incus's bridge.
const HOST_END: &str = "-dp";
/// Suffix of VPP's end.
const VPP_END: &str = "-vpp";

/// Each bridge has its pair, both ends up, and no bridge of an earlier configuration still has one.
///
/// Half a pair, or one into a namespace that no longer exists, is created again. A device of another kind under the same
/// name is left alone and reported.
pub fn veths(bridges: &[&IfName], namespace: &NetnsName, facts: &NicFacts) -> (Plan, Vec<Notice>) {
    let mut plan = Plan::default();
    let mut notices = Vec::new();
    for nic in &facts.namespace {
        if let Some(bridge) =
            bridge_of(nic, facts).filter(|bridge| !bridges.iter().any(|b| b.as_ref() == *bridge))
        {
            let about = format!("bridge '{bridge}'");
            let link = link(&Place::Namespace(namespace.clone()), &nic.name);
            plan.add(about, vec![Action::DeleteLink { link }]);
        }
    }
    for bridge in bridges {
        match pair(bridge, namespace, facts) {
            Ok(actions) => plan.add(format!("bridge '{bridge}'"), actions),
            Err(notice) => notices.push(notice),
        }
    }
    (plan, notices)
}

/// The name of VPP's end; an error if the kernel takes no such name.
pub(super) fn dataplane_end(bridge: &IfName) -> Result<KernelName, Notice> {
    end(bridge, VPP_END)
}

fn pair(bridge: &IfName, namespace: &NetnsName, facts: &NicFacts) -> Result<Vec<Action>, Notice> {
    let (host_name, peer_name) = (end(bridge, HOST_END)?, dataplane_end(bridge)?);
    let host = find(&facts.host, &host_name);
    let peer = find(&facts.namespace, &peer_name);
    if let Some(other) = [host, peer].into_iter().flatten().find(|nic| !is_veth(nic)) {
        return Err(Notice::new(
            code::E0509,
            format!("bridge '{bridge}': {other} is in the way of its veth; remove or rename it"),
        ));
    }
    let host_link = link(&Place::Host, &host_name);
    let peer_link = link(&Place::Namespace(namespace.clone()), &peer_name);
    let mut actions = Vec::new();
    let whole = host.is_some() && peer.is_some();
    if !whole {
        let halves = [(host, &host_link), (peer, &peer_link)];
        actions.extend(
            halves
                .into_iter()
                .filter(|(end, _)| end.is_some())
                .map(|(_, link)| Action::DeleteLink { link: link.clone() }),
        );
        actions.push(Action::CreateVeth {
            host: host_name,
            peer: peer_link.clone(),
        });
    }
    for (end, link) in [(host, host_link), (peer, peer_link)] {
        if !whole || end.is_some_and(|nic| !nic.up) {
            actions.push(without_ipv6(&link));
            actions.push(Action::SetUp { link });
        }
    }
    Ok(actions)
}

/// The bridge this pair belongs to, if both ends exist under its name.
fn bridge_of<'a>(nic: &'a Nic, facts: &NicFacts) -> Option<&'a str> {
    let bridge = nic.name.as_ref().strip_suffix(VPP_END)?;
    let other = format!("{bridge}{HOST_END}");
    let joined = is_veth(nic)
        && facts
            .host
            .iter()
            .any(|nic| nic.name.as_ref() == other && is_veth(nic));
    joined.then_some(bridge)
}

fn end(bridge: &IfName, suffix: &str) -> Result<KernelName, Notice> {
    format!("{bridge}{suffix}").parse().map_err(|error| {
        Notice::new(
            code::E0509,
            format!("bridge '{bridge}': '{bridge}{suffix}': {error}"),
        )
    })
}

fn find<'a>(nics: &'a [Nic], name: &KernelName) -> Option<&'a Nic> {
    nics.iter().find(|nic| nic.name == *name)
}

fn is_veth(nic: &Nic) -> bool {
    nic.driver
        .as_ref()
        .is_some_and(|driver| driver.as_ref() == "veth")
}

fn link(place: &Place, name: &KernelName) -> Link {
    Link {
        place: place.clone(),
        name: name.clone(),
    }
}
