//! Which virtual routers a VPP takes part in, and which of them it is.
//!
//! Read from what `show vrrp vr` prints, as 25.06 does; a line that is not understood is left out.

use super::vitals::Names;
use serde::Serialize;

/// A virtual router.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VirtualRouter {
    /// Its interface; its index where VPP shows no name for it.
    pub interface: String,
    /// Its number there.
    pub id: u8,
    /// Whether its addresses are of IPv6.
    pub ipv6: bool,
    /// `Master`, `Backup`, `Initialize` or `Interface Down`.
    pub state: String,
    /// Its priority, as it counts just now.
    pub priority: u32,
    /// Its addresses.
    pub addresses: Vec<String>,
}

/// The virtual routers in the answer to `show vrrp vr`, with the names of `show interface`.
pub(super) fn virtual_routers(shown: &str, names: &Names<'_>) -> Vec<VirtualRouter> {
    let mut found: Vec<VirtualRouter> = Vec::new();
    for line in shown.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match (&words[..], found.last_mut()) {
            ([_, "sw_if_index", index, "VR", "ID", id, family], _) => {
                found.extend(id.parse().ok().map(|id| VirtualRouter {
                    interface: names.of_number(index),
                    id,
                    ipv6: *family == "IPv6",
                    state: String::new(),
                    priority: 0,
                    addresses: Vec::new(),
                }));
            }
            (["state", rest @ ..], Some(router)) => {
                let state = rest.iter().take_while(|word| **word != "flags:");
                router.state = state.copied().collect::<Vec<_>>().join(" ");
            }
            (["priority:", .., "adjusted", priority], Some(router)) => {
                router.priority = priority.parse().unwrap_or_default();
            }
            (["addresses", addresses @ ..], Some(router)) => {
                router.addresses = addresses.iter().map(|it| (*it).to_owned()).collect();
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_router_has_a_state_and_the_name_of_its_interface() {
        let shown = "[0] sw_if_index 2 VR ID 10 IPv4\n   state Master flags: preempt yes accept no unicast no\n   \
            priority: configured 200 adjusted 190\n   timers: adv interval 100 master adv 100 skew 21 master down 321\n   \
            virtual MAC 00:00:5e:00:01:0a\n   addresses 198.51.100.254 \n   peer addresses \n   tracked interfaces \n\
            [1] sw_if_index 7 VR ID 11 IPv6\n   state Interface Down flags: preempt yes accept no unicast no\n   \
            addresses fe80::1 2001:db8::fe \n";
        let interfaces = "              Name               Idx    State  MTU (L3/IP4/IP6/MPLS)     Counter          Count\n\
            external.30                       2      up          9000/0/0/0     rx packets                   5\n                                                                    \
            rx bytes                   420\n";
        let routers = virtual_routers(shown, &Names::of(interfaces));
        let router = |interface: &str, id, ipv6, state: &str, priority, addresses: &[&str]| VirtualRouter {
            interface: interface.to_owned(),
            id,
            ipv6,
            state: state.to_owned(),
            priority,
            addresses: addresses.iter().map(|it| (*it).to_owned()).collect(),
        };
        assert_eq!(
            routers,
            [
                router("external.30", 10, false, "Master", 190, &["198.51.100.254"]),
                router("7", 11, true, "Interface Down", 0, &["fe80::1", "2001:db8::fe"]),
            ]
        );
        assert_eq!(
            virtual_routers("show: unknown input `vrrp vr'", &Names::of(interfaces)),
            []
        );
    }
}
