//! Which daemon knows a line, and which module: FRR drops the lines of a daemon that does not run and says nothing.

use super::Daemon;
use super::block::Block;
use super::raw::Statement;
use crate::types::BgpModule;

/// The daemons that a line is for, beside zebra and staticd.
pub(super) fn daemons(statement: &Statement<'_>) -> impl Iterator<Item = Daemon> + use<> {
    let words = statement.words.as_slice();
    let own = match statement.block {
        Block::Interface => of_interface(words),
        _ => at_top(words).filter(|_| statement.block == Block::Top),
    };
    let bfd = uses_bfd(statement.block, words).then_some(Daemon::Bfdd);
    own.into_iter().chain(bfd)
}

fn at_top(words: &[&str]) -> Option<Daemon> {
    Some(match words {
        ["router", "bgp", ..] | ["rpki", ..] => Daemon::Bgpd,
        ["router", "ospf", ..] => Daemon::Ospfd,
        ["router", "ospf6", ..] => Daemon::Ospf6d,
        ["router", "isis", ..] => Daemon::Isisd,
        ["router", "rip", ..] => Daemon::Ripd,
        ["router", "ripng", ..] => Daemon::Ripngd,
        ["router", "eigrp", ..] => Daemon::Eigrpd,
        ["router", "babel", ..] => Daemon::Babeld,
        ["router", "openfabric", ..] => Daemon::Fabricd,
        ["router", "pim", ..] | ["ip", "pim" | "igmp" | "msdp", ..] => Daemon::Pimd,
        ["router", "pim6", ..] | ["ipv6", "pim" | "mld", ..] => Daemon::Pim6d,
        ["mpls", "ldp"] | ["l2vpn", ..] => Daemon::Ldpd,
        ["bfd"] => Daemon::Bfdd,
        ["vrrp", ..] => Daemon::Vrrpd,
        ["pbr-map", ..] => Daemon::Pbrd,
        ["segment-routing"] => Daemon::Pathd,
        ["nhrp", ..] | ["ip" | "ipv6", "nhrp", ..] => Daemon::Nhrpd,
        _ => return None,
    })
}

fn of_interface(words: &[&str]) -> Option<Daemon> {
    Some(match words {
        ["ip", "ospf", ..] => Daemon::Ospfd,
        ["ipv6", "ospf6", ..] => Daemon::Ospf6d,
        ["ip" | "ipv6", "router", "isis", ..] | ["isis", ..] => Daemon::Isisd,
        ["ip" | "ipv6", "router", "openfabric", ..] | ["openfabric", ..] => Daemon::Fabricd,
        ["ip", "rip", ..] => Daemon::Ripd,
        ["ipv6", "ripng", ..] => Daemon::Ripngd,
        ["ip", "eigrp", ..] => Daemon::Eigrpd,
        ["babel", ..] => Daemon::Babeld,
        ["ip", "pim" | "igmp", ..] => Daemon::Pimd,
        ["ipv6", "pim" | "mld", ..] => Daemon::Pim6d,
        ["vrrp", ..] => Daemon::Vrrpd,
        ["pbr-policy", ..] => Daemon::Pbrd,
        ["ip" | "ipv6", "nhrp", ..] => Daemon::Nhrpd,
        _ => return None,
    })
}

/// `neighbor X bfd`, `ip ospf bfd`, `isis bfd`, `ip route … bfd`.
fn uses_bfd(block: Block, words: &[&str]) -> bool {
    match words {
        ["neighbor", _, "bfd", ..] => matches!(block, Block::Bgp | Block::BgpFamily),
        ["ip" | "ipv6", "ospf" | "ospf6", "bfd", ..] | ["isis", "bfd", ..] => block == Block::Interface,
        ["ip" | "ipv6", "route", rest @ ..] => rest.contains(&"bfd"),
        _ => false,
    }
}

/// The module of bgpd that a line is for.
pub(super) fn bgp_module(statement: &Statement<'_>) -> Option<BgpModule> {
    match (statement.block, statement.words.as_slice()) {
        (Block::Top | Block::Vrf, ["rpki", ..]) => Some(BgpModule::Rpki),
        (Block::RouteMap, ["match", "rpki", ..]) => Some(BgpModule::Rpki),
        (Block::Bgp, ["bmp", ..]) | (Block::Top, ["bmp", ..]) => Some(BgpModule::Bmp),
        _ => None,
    }
}

/// Whether the line starts a protocol that may lead to addresses that are not connected.
pub(super) fn is_igp(words: &[&str]) -> bool {
    let protocols = [
        "ospf",
        "ospf6",
        "isis",
        "rip",
        "ripng",
        "eigrp",
        "babel",
        "openfabric",
    ];
    matches!(words, ["router", protocol, ..] if protocols.contains(protocol))
}
