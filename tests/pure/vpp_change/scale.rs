//! How the work grows with the number of sub-interfaces: counted, not timed.

use super::{script, text};
use imp::plan::vpp::{self, Change};
use std::fmt::Write;

/// Sub-interfaces with a pair, an MTU and an address of each family, of which every `nth` differs in the second document.
fn vlans(count: usize, nth: usize, changed: bool) -> Vec<String> {
    let mut text = String::new();
    writeln!(
        text,
        "lcp create x host-if x\nset interface mtu packet 9000 x\nset interface state x up"
    )
    .unwrap();
    for vlan in 0..count {
        let (high, low) = (vlan / 256, vlan % 256);
        let last = if changed && vlan % nth == 0 { 2 } else { 1 };
        writeln!(
            text,
            "create sub-interfaces x {vlan}\nlcp create x.{vlan} host-if x.{vlan}\n\
             set interface mtu packet 1500 x.{vlan}\nset interface state x.{vlan} up\n\
             set interface ip address x.{vlan} 10.{high}.{low}.{last}/24\n\
             set interface ip address x.{vlan} 2001:db8:{high:x}:{low:x}::{last}/64"
        )
        .unwrap();
    }
    text.lines().map(str::to_owned).collect()
}

fn steps(from: &[String], to: &[String]) -> Vec<String> {
    let lines = |of: &[String]| script(&of.iter().map(String::as_str).collect::<Vec<_>>());
    match vpp::change(&lines(from), &lines(to)) {
        Change::None => Vec::new(),
        Change::Live(difference) => text(&difference).lines().map(str::to_owned).collect(),
        Change::Restart { why } => panic!("{why}"),
    }
}

#[test]
fn what_does_not_change_is_not_touched_however_many_there_are() {
    for count in [20, 200, 2_000] {
        let (one, all) = (vlans(count, count, true), vlans(count, 1, true));
        let before = vlans(count, 1, false);
        assert_eq!(steps(&before, &before).len(), 0);
        // Two addresses of one sub-interface: two go and two come.
        assert_eq!(steps(&before, &one).len(), 4, "{count}");
        assert_eq!(steps(&before, &all).len(), 4 * count);
        // Six lines make one, five take it back: its two addresses, its pair and itself.
        let fewer = &before[..before.len() - 6];
        assert_eq!(steps(fewer, &before).len(), 6, "{count}");
        assert_eq!(steps(&before, fewer).len(), 4, "{count}");
    }
}
