//! Reading commands, answers and messages: any bytes are an error or a value, and what is written comes back.

#![allow(clippy::unwrap_used)]

use imp::host::vpp::wire::{self, Answer, Request, Session, Tunnel, WireError};
use imp::plan::vpp::{self, Command, Fact, ScriptError};
use imp::render::digest;
use proptest::prelude::*;

const SESSION: Session = Session {
    client: 7,
    cli: 613,
    cli_reply: 614,
    wireguard: None,
};

fn command(text: &str) -> Command {
    Command {
        origin: None,
        text: text.to_owned(),
    }
}

fn facts(lines: &[&str]) -> Vec<String> {
    let commands: Vec<Command> = lines.iter().map(|line| command(line)).collect();
    vpp::checks(&commands)
        .iter()
        .map(|check| check.fact.to_string())
        .collect()
}

#[test]
fn a_commands_file_keeps_its_origins() {
    let text = "# made by imp\nvpplog imp-begin:12ab\n# at a.toml:3\n  set interface state x up\r\n\n\
                # a remark\nset interface state y up\n# at b.toml:9\nip route add ::/0 via ::1 x\nvpplog imp-applied:12ab";
    let script = vpp::parse(text).unwrap();
    assert_eq!(script.digest, "12ab");
    let origins: Vec<_> = script
        .commands
        .iter()
        .map(|c| c.origin.as_deref().unwrap())
        .collect();
    assert_eq!(origins, ["a.toml:3", "a.toml:3", "b.toml:9"]);
    assert_eq!(script.commands[0].text, "set interface state x up");
}

#[test]
fn markers_must_frame_the_file() {
    for (text, error) in [
        ("", ScriptError::NoBegin),
        ("vpplog imp-begin:", ScriptError::NoBegin),
        (
            "vpplog imp-begin:a b\nvpplog imp-applied:a b",
            ScriptError::NoBegin,
        ),
        ("vpplog imp-begin:a", ScriptError::NoEnd("a".to_owned())),
        (
            "vpplog imp-begin:a\nvpplog imp-applied:b",
            ScriptError::NoEnd("a".to_owned()),
        ),
        (
            "vpplog imp-begin:a\n\u{1b}x\nvpplog imp-applied:a",
            ScriptError::Line(2),
        ),
    ] {
        assert_eq!(vpp::parse(text), Err(error), "{text}");
    }
}

#[test]
fn the_digest_ignores_what_vpp_does_not_see() {
    let one = digest(
        "unix { nodaemon }",
        "vpplog imp-begin:a\n# at a.toml:1\nset x\nvpplog imp-applied:a\n",
    );
    let moved = digest("unix { nodaemon }\n# x", "# at b.toml:7\nset x");
    assert_eq!(one, moved);
    assert_eq!(one.len(), 12);
    assert_ne!(one, digest("unix { nodaemon }\nset x", ""));
    assert_ne!(one, digest("unix { nodaemon }", "set y"));
}

#[test]
fn answers_are_judged() {
    for (text, answer, confirmed) in [
        ("set interface state x up", "", true),
        ("set interface state x up", "something", false),
        ("create loopback interface instance 0", "loop0\n", true),
        ("create sub-interfaces x 1", "", true),
        ("create interface memif id 0", "Invalid thing", false),
        ("create gre tunnel src ::1 dst ::2 del", "DELETED (11)", true),
        ("create gre tunnel src ::1 dst ::2", "DELETED (11)", false),
        ("set acl-plugin acl permit src ::/0", "ACL index:3", true),
        ("set acl-plugin acl permit src ::/0", "", false),
        ("set acl-plugin acl permit src ::/0", "ACL index:none", false),
        ("show version", "anything at all", true),
        (
            "ip route add 1.0.0.0/33 via ::1 x",
            "Invalid prefix len: 33",
            false,
        ),
    ] {
        assert_eq!(
            command(text).is_confirmed_by(answer),
            confirmed,
            "{text}: {answer}"
        );
    }
}

#[test]
fn ipv6_that_is_on_already_is_no_refusal() {
    let words = "enable ip6 interface: Failed\n";
    assert!(command("enable ip6 interface x").was_in_force(words));
    assert!(!command("enable ip6 interface x").was_in_force("unknown interface"));
    assert!(!command("set interface state x up").was_in_force(words));
}

#[test]
fn a_vlan_gets_its_mtu_after_the_kernels_answer_to_its_parents() {
    let waits = |lines: &[&str]| {
        let commands: Vec<Command> = lines.iter().map(|line| command(line)).collect();
        vpp::behind_the_kernel(&commands)
    };
    let (parent, vlan) = (
        "set interface mtu packet 9000 x",
        "set interface mtu packet 1500 x.5",
    );
    assert_eq!(waits(&[parent, "create sub-interfaces x 5", vlan, vlan]), [2]);
    assert!(waits(&[vlan, parent]).is_empty());
    assert!(waits(&["set interface mtu packet 9000 y", vlan]).is_empty());
    let (pair, up) = ("lcp create x host-if x", "set interface state x up");
    assert_eq!(waits(&[pair, "create sub-interfaces x 5", pair, up, up]), [3]);
    assert_eq!(waits(&[pair, parent, up, vlan]), [1, 3]);
    assert!(waits(&[up, pair]).is_empty());
    assert_eq!(facts(&[parent, vlan]), ["an MTU of 1500 on 'x.5'"]);
    assert_eq!(
        facts(&[vlan, "set interface mtu packet 1400 x.5"]),
        ["an MTU of 1400 on 'x.5'"]
    );
    assert_eq!(
        facts(&[vlan, parent]),
        Vec::<String>::new(),
        "it may have become its parent's"
    );
}

#[test]
fn an_mtu_is_read_whatever_is_behind_it() {
    let answer = "              Name               Idx    State  MTU (L3/IP4/IP6/MPLS)     Counter          Count\n\
        x                                 1      up          9000/0/0/0     rx packets                 7\n\
        \u{20}                                                                  rx bytes                 560\n\
        x.5                               2     down         1500/0/0/0\n";
    let shown = vpp::shown("show interface", answer);
    assert_eq!(
        shown,
        [
            Fact::Mtu("x".to_owned(), 9000),
            Fact::Index("x".to_owned(), 1),
            Fact::Mtu("x.5".to_owned(), 1500),
            Fact::Index("x.5".to_owned(), 2)
        ]
    );
}

#[test]
fn a_pair_never_takes_over_a_device() {
    let commands = [
        "create sub-interfaces x 5",
        "lcp create x host-if x",
        "lcp create x.5 host-if x.5",
    ]
    .map(command);
    let adopted = |devices: &[&str]| {
        let devices: Vec<String> = devices.iter().map(ToString::to_string).collect();
        vpp::pair_with_a_device(&commands, &devices)
            .map(|(command, device)| (command.text.clone(), device.to_owned()))
    };
    assert_eq!(adopted(&["lo", "x5"]), None);
    let expected = ("lcp create x.5 host-if x.5".to_owned(), "x.5".to_owned());
    assert_eq!(adopted(&["lo", "x.5"]), Some(expected));
}

#[test]
fn facts_follow_names_and_undone_lines() {
    let lines = [
        "set interface state host-a up",
        "set interface state host-a.5 up",
        "set interface name host-a a",
        "set interface state b up",
        "set interface state b down",
        "set interface ip address a 192.0.2.1/24",
        "set interface ip address a 192.0.3.1/24",
        "set interface ip address del a 192.0.2.1/24",
        "ip route add 10.1.2.3/8 via 192.0.3.2 a",
        "ip route add 11.0.0.0/8 via 192.0.3.2 a",
        "ip route del 11.0.0.0/8",
        "set acl-plugin acl permit src 10.0.0.0/8 tag one",
        "set acl-plugin acl deny src 10.0.0.0/8 dport 5 tag two",
        "set acl-plugin acl index 0 deny src 10.0.0.0/8 tag three",
        "lcp create a host-if a",
        "lcp delete a",
    ];
    assert_eq!(
        facts(&lines),
        [
            "'a' up",
            "'a.5' up",
            "192.0.3.1/24 on 'a'",
            "a route for 10.0.0.0/8 in table 0",
            "10.0.0.0/8 via 192.0.3.2 a in table 0",
            "acl 1 'two': deny 10.0.0.0/8 to 0.0.0.0/0 dport 5-5",
            "acl 0 'three': deny 10.0.0.0/8 to 0.0.0.0/0",
        ]
    );
}

/// Lines as VPP printed them, and as its own formatters write them.
#[test]
fn answers_of_vpp_are_read() {
    let fact = |question: &str, answer: &str| -> Vec<String> {
        vpp::shown(question, answer)
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(
        fact(
            "show interface address",
            "a (up):\n  L3 192.0.2.1/24\n  L3 10.0.0.1/8 ip4 table-id 7 fib-idx 1\nb (dn):\n"
        ),
        ["'a' up", "192.0.2.1/24 on 'a'", "10.0.0.1/8 on 'a'"]
    );
    assert_eq!(
        fact(
            "show lcp",
            "lcp lcp-sync on\nitf-pair: [2] external.25 tap4096.25 e25 5 type tap netns dataplane"
        ),
        ["'external.25' paired with 'e25'"]
    );
    let covering = "ipv4-VRF:0, fib_index:0\n0.0.0.0/0 fib:0 index:0\n  10.1.1.1 x\n";
    assert_eq!(
        fact("show ip fib 203.0.113.0/27", covering)[0],
        "a route for 0.0.0.0/0 in table 0"
    );
    let two_tables =
        "ipv4-VRF:0\n10.0.0.0/8 fib:0\n  192.0.2.1 x\nipv4-VRF:7\n10.0.0.0/8 fib:1\n  192.0.2.9 y\n";
    assert_eq!(
        fact("show ip fib 10.0.0.0/8", two_tables),
        [
            "a route for 10.0.0.0/8 in table 0",
            "10.0.0.0/8 via 192.0.2.1 x in table 0"
        ]
    );
    assert_eq!(
        fact(
            "show abf attach a",
            "ipv4:\n abf-interface-attach: policy:1 priority:10\n  [@1]: x"
        ),
        ["abf policy 1 on 'a' with priority 10"]
    );
    assert_eq!(
        fact(
            "show abf policy",
            "abf:[0]: policy:1 acl:0\n  path-list:[30]\n    10.0.0.1 memif1/0\n"
        ),
        ["abf policy 1 with acl 0", "abf policy 1 via 10.0.0.1 memif1/0"]
    );
    assert_eq!(
        fact(
            "show acl-plugin acl",
            "acl-index 3 count 1 tag {t}\n  0: ipv6 permit src ::/0 dst ::/0 proto 6 sport 0-65535 dport 80\n"
        ),
        ["acl 3 't': permit ::/0 to ::/0 proto 6 dport 80-80"]
    );
}

/// As VPP 25.06 printed it: linux-cp has a path of its own to us, and commands have the flags alone.
#[test]
fn of_multicast_only_what_commands_made_is_read() {
    let flags = "ipv4-VRF:0, fib_index:0 flags:none
(*, 224.0.0.0/24):  flags:Accept-all-itf,
 fib:0 index:8 locks:1
  src:CLI flags:none locks:1:  flags:Accept-all-itf,
    path-list:[13] locks:2 flags:no-uRPF, uRPF-list: None
    Extensions:
    Interface-Forwarding:
  src:plugin-low flags:none locks:1: 
    path-list:[21] locks:1 flags:no-uRPF, uRPF-list: None
      path:[26] pl-index:21 ip4 weight=1 pref=0 receive:  oper-flags:resolved, cfg-flags:local,
        [@0]: dpo-receive
    Interface-Forwarding:

  Interfaces:
  multicast-ip4-chain
  [@0]: dpo-drop ip4
";
    let path = "    path-list:[13] locks:2 flags:no-uRPF, uRPF-list: None
      path:[13] pl-index:13 ip4 weight=1 pref=0 receive:  oper-flags:resolved, cfg-flags:local,\n";
    let both = flags.replacen(
        "    path-list:[13] locks:2 flags:no-uRPF, uRPF-list: None\n",
        path,
        1,
    );
    let read = |answer: &str| {
        let facts = vpp::shown("show ip mfib 224.0.0.0/24", answer);
        facts.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let halves = [
        "the multicast 224.0.0.0/24 AA",
        "the multicast 224.0.0.0/24 via local Forward",
    ];
    assert_eq!(read(&both), halves);
    assert_eq!(read(flags), halves[..1]);
    assert_eq!(read(&flags.replace("src:CLI", "src:API")), halves[..0]);
    let covering = "ipv4-VRF:0, fib_index:0 flags:none\n(*, 0.0.0.0/0):  flags:Drop,\n  Interfaces:\n";
    assert_eq!(read(covering), halves[..0]);
}

#[test]
fn messages_that_cannot_be_are_errors() {
    assert_eq!(wire::length([0; 16]), Err(WireError::Length(0)));
    assert_eq!(wire::session(&[0, 16]), Err(WireError::Short));
    assert_eq!(wire::session(&[0, 17, 0]), Err(WireError::Unexpected(17)));
    let mut refused = vec![0, 16];
    refused.extend([0; 8]);
    refused.extend((-3i32).to_be_bytes());
    assert_eq!(wire::session(&refused), Err(WireError::Refused(-3)));
    let empty: Vec<u8> = [0u8, 16].into_iter().chain([0; 18]).collect();
    assert_eq!(wire::session(&empty), Err(WireError::NoCli));
}

/// VPP's table of messages, with these.
fn table(names: &[(u16, &str)]) -> Vec<u8> {
    let mut message = vec![0, 16];
    message.extend([0; 12]);
    message.extend(7u32.to_be_bytes());
    message.extend((names.len() as u16).to_be_bytes());
    for (id, name) in names {
        message.extend(id.to_be_bytes());
        let mut field = name.as_bytes().to_vec();
        field.resize(64, 0);
        message.extend(field);
    }
    message
}

const MESSAGES: [(u16, &str); 8] = [
    (613, "cli_inband_f8377302"),
    (614, "cli_inband_reply_05879051"),
    (615, "control_ping_51077d14"),
    (616, "control_ping_reply_f6b0b8ca"),
    (900, "wireguard_interface_create_a530137e"),
    (901, "wireguard_interface_create_reply_5383d31f"),
    (904, "wireguard_interface_dump_2c954158"),
    (905, "wireguard_interface_details_0dd4865d"),
];

#[test]
fn a_tunnel_of_wireguard_is_told_with_its_key_and_listed_without() {
    let session = wire::session(&table(&MESSAGES)).unwrap();
    let ids = session.wireguard.unwrap();
    let key = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=";
    let tunnel = Tunnel {
        instance: 3,
        source: "192.0.2.1".parse().unwrap(),
        port: 51_820,
        key: key.parse().unwrap(),
    };
    assert!(!format!("{tunnel:?}").contains(key));
    let bytes = wire::request(session, 9, Request::CreateTunnel(ids, &tunnel));
    let mut expected = [&[3, 132][..], &7u32.to_be_bytes(), &9u32.to_be_bytes()].concat();
    expected.extend([0, 0, 0, 3, 255, 255, 255, 255]);
    expected.extend(tunnel.key.reveal());
    expected.extend([0; 32]);
    expected.extend([0xca, 0x6c, 0, 192, 0, 2, 1]);
    expected.extend([0; 12 + 1]);
    assert_eq!(bytes[16..], expected);

    let list = wire::request(session, 10, Request::ListTunnels(ids));
    // The private keys are not asked for.
    assert_eq!(list[16..26], [3, 136, 0, 0, 0, 7, 0, 0, 0, 10]);
    assert_eq!(list[26..31], [0, 255, 255, 255, 255]);
    let mut details = [
        &[3, 137][..],
        &10u32.to_be_bytes(),
        &[0, 0, 0, 3, 0, 0, 0, 5],
        &[0; 32],
    ]
    .concat();
    let public = tunnel.key.public();
    details.extend([
        133, 32, 240, 9, 137, 48, 167, 84, 116, 139, 125, 220, 180, 62, 247, 90,
    ]);
    details.extend([
        13, 191, 58, 13, 38, 56, 26, 244, 235, 164, 169, 142, 170, 155, 78, 106,
    ]);
    details.extend([0xca, 0x6c, 0, 192, 0, 2, 1]);
    let listed = wire::answer(session, 10, &details).unwrap();
    assert_eq!(
        listed,
        Some(Answer::Part(format!("sw_if_index 5 public-key {public}\n")))
    );

    let other = MESSAGES.map(|(id, name)| (id, name.replace("a530137e", "00000000")));
    let other = other.each_ref().map(|(id, name)| (*id, name.as_str()));
    assert_eq!(wire::session(&table(&other)).unwrap().wireguard, None);
}

#[test]
fn a_line_that_lacks_something_says_what() {
    let lacks = |text: &str| format!("{:?}", command(text).unfinished());
    let line = "create wireguard tunnel src 192.0.2.1 port 51820 private-key-file secrets/wg public-key hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo= instance 3";
    assert!(lacks(line).contains("key_file: \"secrets/wg\""));
    assert_eq!(
        lacks("create gre tunnel src 192.0.2.1 dst 192.0.2.2 instance 3"),
        "None"
    );
    let line = command("vrrp vr track-if add a vr_id 5 ipv6 track-index internal.30 priority 60");
    let Some(vpp::Unfinished::Number { before, of, after }) = line.unfinished() else {
        panic!("it is finished");
    };
    let number = of.number("a  1  up  9000/0/0/0\ninternal.30  7  up  9000/0/0/0\n");
    assert_eq!(
        (before, number, after),
        (
            "vrrp vr track-if add a vr_id 5 ipv6 track-index ",
            Some(7),
            " priority 60"
        )
    );
    assert_eq!(
        lacks("vrrp vr track-if add a vr_id 5 track-index 7 priority 60"),
        "None"
    );
    let line = command("wireguard peer remove hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=");
    let Some(vpp::Unfinished::Number { of, .. }) = line.unfinished() else {
        panic!("it is finished");
    };
    let shown = "[4] endpoint:[192.0.2.1:51820->198.51.100.7:51820] t1 keep-alive:0 flags: 2, api-clients count: 0\n  adj:\n  \
        key:hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo= 8520f0\n  allowed-ips: 10.9.0.2/32";
    assert_eq!(of.question(), vpp::PEERS);
    assert_eq!(of.number(shown), Some(4));
    let facts: Vec<String> = vpp::shown(vpp::PEERS, shown)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        facts,
        ["the WireGuard peer hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo= on 't1' with 10.9.0.2/32"]
    );
}

proptest! {
    #[test]
    fn no_bytes_panic_the_decoders(bytes in proptest::collection::vec(any::<u8>(), 0..400), context: u32) {
        let _ = wire::session(&bytes);
        let _ = wire::answer(SESSION, context, &bytes);
        let mut framed = vec![2, 102];
        framed.extend(context.to_be_bytes());
        framed.extend(&bytes);
        let _ = wire::answer(SESSION, context, &framed);
        let text = String::from_utf8_lossy(&bytes);
        let _ = vpp::parse(&text);
        let _ = vpp::checks(&[command(&text)]);
        for question in ["show interface address", "show lcp", "show acl-plugin acl", "show abf policy",
            "show abf attach x", "show ip fib ::/0", "show det44 mappings", "show ip6 interface x"] {
            let _ = vpp::shown(question, &text);
        }
    }

    #[test]
    fn no_words_panic_the_readers(words in proptest::collection::vec(
        prop_oneof![
            Just("set"), Just("interface"), Just("acl-plugin"), Just("acl"), Just("ip"), Just("route"), Just("add"),
            Just("del"), Just("via"), Just("::1"), Just("10.0.0.0/8"), Just("tag"), Just("index"), Just("4294967296"),
            Just("abf:[0]:"), Just("policy:1"), Just("acl-index"), Just("count"), Just("{"), Just("0:"), Just(","),
            Just("name"), Just("a"), Just("a.5"), Just("\n"), Just("src"), Just("sport"), Just("1-"), Just("-")
        ], 0..12))
    {
        let text = words.join(" ");
        let commands: Vec<Command> = text.lines().map(command).collect();
        let checks = vpp::checks(&commands);
        let shown = vpp::shown("show acl-plugin acl", &text).into_iter().collect();
        let _ = vpp::missing(&checks, &shown);
    }

    #[test]
    fn a_request_says_its_own_length(text in ".{0,200}") {
        let bytes = wire::request(SESSION, 9, Request::Command(&text));
        let header: [u8; 16] = bytes[..16].try_into().unwrap();
        prop_assert_eq!(wire::length(header).unwrap(), bytes.len() - 16);
        prop_assert_eq!(&bytes[bytes.len() - text.len()..], text.as_bytes());
    }

    #[test]
    fn an_address_asked_for_is_found_where_it_is_shown(address: std::net::Ipv6Addr, length in 0u8..=128) {
        let line = format!("set interface ip address x {address}/{length}");
        let checks = vpp::checks(&[command(&line)]);
        let shown = vpp::shown(&checks[0].fact.question(), &format!("x (up):\n  L3 {address}/{length}\n"));
        prop_assert!(shown.contains(&checks[0].fact));
        prop_assert!(matches!(checks[0].fact, Fact::Address(..)));
    }
}
