//! Random lines of an operator's own, of the kinds that can be changed in place.

use super::documents::Dice;
use std::fmt::Write;

/// Lines that VPP takes behind those of any of our documents.
pub fn of_core(dice: &mut Dice) -> String {
    let mut text = String::new();
    let table = *["", "10", "20"].get(dice.roll(3)).unwrap();
    if !table.is_empty() {
        writeln!(text, "ip table add {table}\nip6 table add {table} name red").unwrap();
    }
    let mut ports = Vec::new();
    for port in 0..4 {
        if dice.roll(3) > 0 {
            let mac = dice.roll(2);
            writeln!(
                text,
                "create host-interface name m{port} hw-addr 02:00:00:00:0{mac}:0{port}"
            )
            .unwrap();
            writeln!(text, "set interface state host-m{port} up").unwrap();
            ports.push(format!("host-m{port}"));
        }
    }
    if dice.roll(3) > 0 {
        bond(dice, &mut text, &mut ports, table);
    }
    if dice.roll(3) > 0 {
        bridge(dice, &mut text, &mut ports);
    }
    if let (true, Some(port)) = (dice.roll(2) == 0, ports.first()) {
        let rate = [1000, 2000][dice.roll(2)];
        writeln!(
            text,
            "policer add name p cir {rate} cb 100\npolicer input name p {port}"
        )
        .unwrap();
    }
    if let (true, [from, to, ..]) = (dice.roll(3) == 0, &ports[..]) {
        writeln!(text, "set interface l2 xconnect {from} {to}").unwrap();
    }
    if let (true, [from, .., to]) = (dice.roll(3) == 0, &ports[..]) {
        writeln!(text, "set interface span {from} destination {to} both").unwrap();
    }
    if let (true, Some(port)) = (dice.roll(3) == 0, ports.iter().find(|port| !port.contains('.'))) {
        let rate = [1000, 2000][dice.roll(2)];
        writeln!(text, "sflow sampling-rate {rate}\nsflow enable-disable {port}").unwrap();
    }
    filters(dice, &mut text, &ports);
    if dice.roll(12) == 0 {
        text.push_str("lb conf timeout 5\n");
    }
    text
}

/// ACLs on ports. What has no tag of its own is known by its number alone, as it is to the operator.
fn filters(dice: &mut Dice, text: &mut String, ports: &[String]) {
    let mut made = 0;
    if dice.roll(8) == 0 {
        text.push_str("set acl-plugin acl permit src 10.9.0.0/16\n");
        made += 1;
    }
    for tag in ["edge", "inner"] {
        if dice.roll(2) == 0 {
            let net = ["10.8.0.0/16", "10.7.0.0/16"][dice.roll(2)];
            writeln!(
                text,
                "set acl-plugin acl deny src {net}, permit src 0.0.0.0/0 tag {tag}"
            )
            .unwrap();
            made += 1;
        }
    }
    for port in ports.iter().filter(|_| made > 0) {
        let side = ["input", "output"][dice.roll(2)];
        let acl = dice.roll(made);
        writeln!(text, "set acl-plugin interface {port} {side} acl {acl}").unwrap();
    }
}

fn bond(dice: &mut Dice, text: &mut String, ports: &mut Vec<String>, table: &str) {
    let (id, mode) = (
        dice.roll(2),
        ["lacp load-balance l34", "xor load-balance l2"][dice.roll(2)],
    );
    writeln!(text, "create bond mode {mode} hw-addr 02:00:00:00:09:00 id {id}").unwrap();
    writeln!(
        text,
        "set interface name BondEthernet{id} bond\nlcp create bond host-if bond"
    )
    .unwrap();
    for _ in 0..dice.roll(3).min(ports.len()) {
        writeln!(text, "bond add bond {}", ports.remove(0)).unwrap();
    }
    writeln!(text, "set interface state bond up").unwrap();
    let (outer, inner) = ([100, 101][dice.roll(2)], [200, 201][dice.roll(2)]);
    let kind = ["dot1q", "dot1ad"][dice.roll(2)];
    writeln!(
        text,
        "create sub-interfaces bond {outer} {kind} {outer} exact-match\nlcp create bond.{outer} host-if bond.{outer}\n\
         set interface state bond.{outer} up"
    )
    .unwrap();
    if dice.roll(2) == 0 {
        return;
    }
    let vlan = "bond.7000";
    writeln!(
        text,
        "create sub-interfaces bond 7000 {kind} {outer} inner-dot1q {inner} exact-match\n\
         lcp create {vlan} host-if bond.{outer}.{inner}\nset interface state {vlan} up"
    )
    .unwrap();
    let in_table = !table.is_empty() && dice.roll(2) == 0;
    if in_table {
        writeln!(text, "set interface ip table {vlan} {table}").unwrap();
    }
    let address = dice.roll(2) + 1;
    writeln!(text, "set interface ip address {vlan} 172.20.0.{address}/24").unwrap();
    let of = if in_table {
        format!("table {table} ")
    } else {
        String::new()
    };
    let hop = ["via 172.20.0.9 bond.7000", "via drop"][dice.roll(2)];
    writeln!(text, "ip route add 172.21.0.0/16 {of}{hop}").unwrap();
    let mac = dice.roll(2);
    let flag = ["", "static "][dice.roll(2)];
    writeln!(
        text,
        "set ip neighbor {flag}{vlan} 172.20.0.9 02:00:00:00:08:0{mac}"
    )
    .unwrap();
}

fn bridge(dice: &mut Dice, text: &mut String, ports: &mut Vec<String>) {
    let (domain, learns) = ([5, 6][dice.roll(2)], ["", " learn 0"][dice.roll(2)]);
    writeln!(text, "create bridge-domain {domain}{learns}").unwrap();
    writeln!(
        text,
        "create loopback interface instance 77\nset interface l2 bridge loop77 {domain} bvi"
    )
    .unwrap();
    if !ports.is_empty() {
        writeln!(text, "set interface l2 bridge {} {domain}", ports.remove(0)).unwrap();
    }
    if dice.roll(2) == 0 {
        let priority = [100, 200][dice.roll(2)];
        writeln!(
            text,
            "vrrp vr add loop77 vr_id 5 priority {priority} interval 100 accept_mode 172.22.0.9"
        )
        .unwrap();
        writeln!(text, "vrrp proto start loop77 vr_id 5").unwrap();
    }
}

/// Lines that a VPP with det44 takes behind those of any of our documents.
pub fn of_det44(dice: &mut Dice) -> String {
    let lines = [
        "",
        "set det44 timeouts udp 30\n",
        "set det44 timeouts udp 60 tcp established 100\n",
        "set det44 timeouts tcp transitory 20\nset det44 timeouts icmp 5 udp 30\n",
    ];
    lines[dice.roll(4)].to_owned()
}
