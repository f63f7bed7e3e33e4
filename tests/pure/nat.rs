//! det44's arithmetic, and who an address was.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::config::private;
use imp::config::{self, Model, NatMapping, NatMode};
use imp::plan::nat::{Asked, Does, who};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

fn model(nats: &str) -> Model {
    let text = format!(
        "config-version = 1\n[system]\nhostname = \"edge1\"\n[vpp.core]\nmain-core = 1\n[vpp.nat]\nmain-core = 2\n\
         [interfaces.wan]\nmatch = {{ pci = \"0000:03:00.0\" }}\naddresses = [\"198.51.100.2/30\"]\n\
         [interfaces.lan]\nmatch = {{ pci = \"0000:03:00.1\" }}\naddresses = [\"100.64.0.1/10\"]\n{nats}"
    );
    let parsed = config::parse(&private(BTreeMap::from([(
        "imp.toml".to_owned(),
        text.into_bytes(),
    )])));
    let report = config::report::text(&parsed.diagnostics, &parsed.sources, false);
    parsed.model.unwrap_or_else(|| panic!("{report}"))
}

/// A document with these mappings of one module.
pub fn det44(mappings: &[(&str, &str)]) -> Model {
    let written: String = mappings
        .iter()
        .map(|(inside, outside)| {
            format!("[[nat.cgn.mappings]]\ninside = \"{inside}\"\noutside = \"{outside}\"\n")
        })
        .collect();
    model(&format!(
        "[nat.cgn]\ninstance = \"nat\"\nmode = \"det44\"\nfrom = [\"lan\"]\n{written}"
    ))
}

/// The mappings of its module.
pub fn mappings(model: &Model) -> &[NatMapping] {
    match &model.nats.values().next().unwrap().mode {
        NatMode::Det44 { mappings } => mappings,
        _ => panic!("not det44"),
    }
}

fn ask(model: &Model, text: &str) -> Vec<Does> {
    let asked: Asked = text.parse().unwrap();
    who(model, asked)
        .into_iter()
        .map(|finding| finding.does)
        .collect()
}

fn v4(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

/// Seen on VPP 25.06 with these two mappings: an echo with identifier 1494 of 10.30.0.10 left as 203.0.113.0 with 42838. The
/// first identifier that is tried is the inside one's place among the host's.
#[test]
fn a_session_that_was_seen_is_where_the_arithmetic_has_it() {
    let model = det44(&[
        ("10.30.0.0/24", "203.0.113.0/28"),
        ("100.64.0.0/24", "203.0.113.16/28"),
    ]);
    let mapping = mappings(&model)[0];
    assert_eq!(
        (mapping.subscribers_per_address(), mapping.ports_per_subscriber()),
        (16, 4032)
    );
    let share = mapping.share_of(v4("10.30.0.10")).unwrap();
    assert_eq!(share.outside, v4("203.0.113.0"));
    assert_eq!(share.first_port + 1494 % mapping.ports_per_subscriber(), 42838);
    let answers = ask(&model, "203.0.113.0:42838");
    let [
        Does::Subscriber {
            subscriber,
            first_port,
            last_port,
            ..
        },
    ] = answers.as_slice()
    else {
        panic!("{answers:?}");
    };
    assert_eq!(
        (*subscriber, *first_port, *last_port),
        (v4("10.30.0.10"), 41344, 45375)
    );
}

/// What `det44 forward` of VPP 25.06 answered.
#[test]
fn the_ports_that_vpp_named_are_the_subscribers() {
    let model = det44(&[
        ("10.30.0.0/24", "203.0.113.0/28"),
        ("10.31.0.0/29", "203.0.113.40/29"),
        ("10.32.0.0/22", "203.0.113.64/32"),
        ("10.33.0.0/21", "203.0.113.65/32"),
        ("10.64.0.0/20", "203.0.113.200/31"),
    ]);
    let said = [
        ("10.30.0.0", "203.0.113.0", 1024, 5055),
        ("10.30.0.15", "203.0.113.0", 61504, 65535),
        ("10.30.0.16", "203.0.113.1", 1024, 5055),
        ("10.30.0.255", "203.0.113.15", 61504, 65535),
        ("10.31.0.7", "203.0.113.47", 1024, 65535),
        ("10.32.0.0", "203.0.113.64", 1024, 1086),
        ("10.32.3.255", "203.0.113.64", 65473, 65535),
        ("10.33.0.1", "203.0.113.65", 1055, 1085),
        ("10.33.7.255", "203.0.113.65", 64481, 64511),
        ("10.64.7.255", "203.0.113.200", 64481, 64511),
        ("10.64.8.0", "203.0.113.201", 1024, 1054),
        ("10.64.15.255", "203.0.113.201", 64481, 64511),
    ];
    for (inside, outside, first, last) in said {
        let mut shares = mappings(&model).iter().filter_map(|it| it.share_of(v4(inside)));
        let share = shares.next().unwrap();
        let found = (share.outside, share.first_port, share.last_port);
        assert_eq!(found, (v4(outside), first, last), "{inside}");
    }
}

/// As VPP computes it, in 32 bits and without any of our types: `snat_det_forward`.
fn forward(inside: u32, outside: u32, lengths: (u8, u8), address: u32) -> (u32, u32, u32) {
    let ratio = (1_u64 << (32 - lengths.0)) / (1_u64 << (32 - lengths.1));
    let ports = (65535 - 1023) / ratio;
    let offset = u64::from(address - inside);
    let first = 1024 + ports * (offset % ratio);
    (
        outside + (offset / ratio) as u32,
        first as u32,
        (first + ports - 1) as u32,
    )
}

#[test]
fn whole_pools_are_as_vpp_has_them_there_and_back() {
    let pools = [
        ("100.64.0.0/22", "203.0.113.0/28"),
        ("10.30.0.0/24", "203.0.113.64/28"),
        ("10.234.116.0/24", "203.0.113.32/30"),
        ("10.0.0.0/29", "203.0.113.40/29"),
        ("10.64.0.0/20", "203.0.113.128/30"),
        ("10.128.0.0/20", "203.0.113.200/31"),
        ("10.192.0.0/20", "203.0.113.255/32"),
    ];
    let model = det44(&pools);
    for mapping in mappings(&model) {
        let (inside, outside) = (mapping.inside, mapping.outside);
        let place = |address: u32, port: u16| {
            ((address - outside.network().to_bits()) << 16) as usize + usize::from(port)
        };
        let mut owners: Vec<Option<u32>> = vec![None; place(outside.broadcast().to_bits(), u16::MAX) + 1];
        for address in inside.network().to_bits()..=inside.broadcast().to_bits() {
            let lengths = (inside.prefix_len(), outside.prefix_len());
            let expected = forward(
                inside.network().to_bits(),
                outside.network().to_bits(),
                lengths,
                address,
            );
            let share = mapping.share_of(Ipv4Addr::from_bits(address)).unwrap();
            let (first, last) = (share.first_port, share.last_port);
            assert_eq!(
                (share.outside.to_bits(), u32::from(first), u32::from(last)),
                expected,
                "{address}"
            );
            for port in first..=last {
                let before = owners[place(share.outside.to_bits(), port)].replace(address);
                assert_eq!(before, None, "two have port {port}");
            }
        }
        for address in outside.network().to_bits()..=outside.broadcast().to_bits() {
            for port in 0..=u16::MAX {
                let share = mapping.share_at(Ipv4Addr::from_bits(address), port);
                let found = share.map(|share| share.inside.to_bits());
                assert_eq!(found, owners[place(address, port)], "{inside} {address}:{port}");
            }
        }
    }
}

#[test]
fn an_outside_address_alone_is_shared_and_some_ports_are_nobodys() {
    // 2,048 subscribers have 31 ports each; 1,024 ports remain.
    let model = det44(&[
        ("10.128.0.0/20", "203.0.113.200/31"),
        ("10.0.0.8/32", "203.0.113.1/32"),
    ]);
    let answers = ask(&model, "203.0.113.201");
    let [
        Does::Shared {
            first, last, ports, ..
        },
    ] = answers.as_slice()
    else {
        panic!("{answers:?}");
    };
    assert_eq!(
        (*first, *last, *ports),
        (v4("10.128.8.0"), v4("10.128.15.255"), 31)
    );
    for port in ["0", "1023", "64512", "65535"] {
        let answers = ask(&model, &format!("203.0.113.200:{port}"));
        assert!(
            matches!(answers.as_slice(), [Does::Nobody { .. }]),
            "{port}: {answers:?}"
        );
    }
    let answers = ask(&model, "203.0.113.200:64511");
    assert!(
        matches!(answers.as_slice(), [Does::Subscriber { subscriber, .. }] if *subscriber == v4("10.128.7.255")),
        "{answers:?}"
    );
    let alone = ask(&model, "203.0.113.1");
    assert!(
        matches!(
            alone.as_slice(),
            [Does::Subscriber {
                first_port: 1024,
                last_port: 65535,
                ..
            }]
        ),
        "{alone:?}"
    );
    assert_eq!(ask(&model, "198.51.100.1:80"), []);
    assert_eq!(ask(&model, "2001:db8::1"), []);
}

#[test]
fn static_mappings_are_named_and_dynamic_sessions_are_not_guessed() {
    let model = model(
        "[nat.office]\ninstance = \"nat\"\nmode = \"nat44-ed\"\nfrom = [\"lan\"]\ninside = [\"100.64.0.0/24\"]\n\
         pool = \"203.0.113.64-203.0.113.66\"\n\
         [[nat.office.static]]\nprotocol = \"tcp\"\noutside = \"203.0.113.65\"\noutside-port = 443\n\
         inside = \"100.64.0.80\"\ninside-port = 8443\n\
         [[nat.office.static]]\noutside = \"203.0.113.66\"\ninside = \"100.64.0.25\"\n",
    );
    let fixed = |text: &str| match ask(&model, text).as_slice() {
        [Does::Static { inside, .. }] => Some(*inside),
        _ => None,
    };
    assert_eq!(fixed("203.0.113.65:443"), Some(v4("100.64.0.80").into()));
    assert_eq!(fixed("203.0.113.66:17"), Some(v4("100.64.0.25").into()));
    assert_eq!(fixed("100.64.0.25"), Some(v4("100.64.0.25").into()));
    let dynamic = |text: &str| match ask(&model, text).as_slice() {
        [Does::Dynamic { mode, of_pool, .. }] => Some((*mode, *of_pool)),
        _ => None,
    };
    assert_eq!(dynamic("203.0.113.65:444"), Some(("nat44-ed", true)));
    assert_eq!(dynamic("203.0.113.64:443"), Some(("nat44-ed", true)));
    assert_eq!(dynamic("100.64.0.99"), Some(("nat44-ed", false)));
    assert_eq!(ask(&model, "100.64.7.7"), []);
    // One port of an address is a host's; the others are whoever's.
    for (text, of_pool) in [("203.0.113.65", true), ("100.64.0.80", false)] {
        let both = ask(&model, text);
        assert!(
            matches!(both.as_slice(), [Does::Static { .. }, Does::Dynamic { of_pool: found, .. }] if *found == of_pool),
            "{text}: {both:?}"
        );
    }
}

#[test]
fn a_pool_in_parts_and_its_log_are_known() {
    let model = model(
        "[nat.office]\ninstance = \"nat\"\nmode = \"nat44-ed\"\nfrom = [\"lan\"]\ninside = [\"100.64.0.0/24\"]\n\
         pool = [\"203.0.113.64\", \"203.0.113.72/30\", \"203.0.113.80 - 203.0.113.81\"]\n\
         log = { collector = \"192.0.2.50\" }\n",
    );
    let of_pool = |text: &str| match ask(&model, text).as_slice() {
        [
            Does::Dynamic {
                collector, of_pool, ..
            },
        ] => {
            assert_eq!(*collector, Some(v4("192.0.2.50")));
            *of_pool
        }
        _ => false,
    };
    for (address, expected) in [
        (64, true),
        (65, false),
        (72, true),
        (75, true),
        (76, false),
        (81, true),
    ] {
        assert_eq!(
            of_pool(&format!("203.0.113.{address}:443")),
            expected,
            "{address}"
        );
    }
}

#[test]
fn a_static_mapping_of_nat64_is_named_from_both_sides() {
    let model = model(
        "[nat.six]\ninstance = \"nat\"\nmode = \"nat64\"\npool = \"203.0.113.8\"\n\
         [[nat.six.static]]\nprotocol = \"tcp\"\noutside = \"203.0.113.8\"\noutside-port = 443\n\
         inside = \"2001:db8:20::80\"\ninside-port = 8443\n",
    );
    for text in ["203.0.113.8", "2001:db8:20::80"] {
        let answers = ask(&model, text);
        assert!(
            matches!(answers.as_slice(), [Does::Static { .. }, Does::Dynamic { .. }]),
            "{text}: {answers:?}"
        );
    }
    for text in ["203.0.113.8:443", "[2001:db8:20::80]:8443"] {
        let answers = ask(&model, text);
        let [
            Does::Static {
                inside, outside_port, ..
            },
        ] = answers.as_slice()
        else {
            panic!("{text}: {answers:?}");
        };
        assert_eq!(
            (inside.to_string().as_str(), *outside_port),
            ("2001:db8:20::80", Some(443))
        );
    }
    let others = ask(&model, "203.0.113.8:444");
    assert!(
        matches!(
            others.as_slice(),
            [Does::Dynamic {
                mode: "nat64",
                of_pool: true,
                ..
            }]
        ),
        "{others:?}"
    );
}

#[test]
fn an_address_is_asked_about_with_or_without_a_port() {
    let read = |text: &str| text.parse::<Asked>().map(|asked| asked.to_string());
    for (text, shown) in [
        ("203.0.113.5:31337", "203.0.113.5:31337"),
        ("203.0.113.5", "203.0.113.5"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:80", "[2001:db8::1]:80"),
    ] {
        assert_eq!(read(text), Ok(shown.to_owned()), "{text}");
    }
    for text in [
        "",
        "203.0.113",
        "203.0.113.5:",
        "203.0.113.5:65536",
        "edge1:80",
        "203.0.113.0/24",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}
