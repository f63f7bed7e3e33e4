//! What is done with the packets of an interface, a few words each.

use crate::config::{Direction, Sides, Traffic, Urpf, VirtualRouter};

/// What is said of it.
pub(super) fn notes(traffic: &Traffic) -> Vec<String> {
    let mut notes = sides("ACL", &traffic.acl);
    notes.extend(traffic.urpf.map(|urpf| match urpf {
        Urpf::Strict => "uRPF strict".to_owned(),
        Urpf::Loose => "uRPF loose".to_owned(),
    }));
    notes.extend(sides("policer", &traffic.policer));
    notes.extend(traffic.mirror.as_ref().map(|mirror| {
        let direction = match mirror.direction {
            Direction::In => "what comes in is ",
            Direction::Out => "what goes out is ",
            Direction::Both => "",
        };
        format!("{direction}mirrored to {}", mirror.to)
    }));
    notes.extend(traffic.virtual_routers.iter().map(router));
    notes.extend(traffic.relays.iter().map(|relay| {
        let servers: Vec<String> = relay.servers.iter().map(ToString::to_string).collect();
        format!("DHCP to {}", servers.join(", "))
    }));
    notes
}

fn sides(what: &str, sides: &Sides) -> Vec<String> {
    let both = [("in", &sides.inward), ("out", &sides.outward)];
    let named = both
        .into_iter()
        .filter_map(|(side, name)| Some((side, name.as_ref()?)));
    named
        .map(|(side, name)| format!("{what} {side} {name}"))
        .collect()
}

fn router(router: &VirtualRouter) -> String {
    let addresses: Vec<String> = router.addresses.iter().map(ToString::to_string).collect();
    format!(
        "VRRP {} {}, priority {}",
        router.id,
        addresses.join(" "),
        router.priority
    )
}
