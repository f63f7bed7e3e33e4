//! Every type: what it prints is what it parses, and nothing it lets through breaks the line it ends up in.
#![allow(clippy::unwrap_used)]

use imp::types::*;
use proptest::prelude::*;
use std::fmt::{Debug, Display};
use std::str::FromStr;

/// A parsed text prints as something that parses to the same value, and prints the same again.
fn round_trip<T: FromStr<Err = TypeError> + Display + PartialEq + Debug>(
    text: &str,
) -> Result<(), TestCaseError> {
    let Ok(value) = text.parse::<T>() else {
        return Ok(());
    };
    let printed = value.to_string();
    prop_assert_eq!(printed.parse::<T>(), Ok(value), "printed {}", printed);
    prop_assert!(
        !printed.is_empty() && !printed.chars().any(char::is_control),
        "{:?}",
        printed
    );
    Ok(())
}

/// A word: one token for VPP, FRR, systemd and nftables alike.
fn word<T: FromStr<Err = TypeError> + Display>(text: &str) -> Result<(), TestCaseError> {
    let Ok(value) = text.parse::<T>() else {
        return Ok(());
    };
    let printed = value.to_string();
    let breaks = |c: char| c.is_whitespace() || !c.is_ascii() || "#;{}\"'`$\\!%<>|&()*?".contains(c);
    prop_assert!(!printed.contains(breaks), "{:?} is no single token", printed);
    Ok(())
}

/// Texts near the grammars, and any text at all.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z0-9./:_@-]{0,24}",
        2 => "[A-Za-z][A-Za-z0-9_-]{0,20}",
        1 => "[0-9]{1,3}(\\.[0-9]{1,3}){3}(/[0-9]{1,2})?",
        1 => "[0-9a-f]{0,4}(:[0-9a-f]{0,4}){1,7}(/[0-9]{1,3})?",
        1 => "[0-9]{1,6}[GMsmh]?",
        1 => "([0-9]{1,4}-?[0-9]{0,4},?){1,4}",
        1 => any::<String>(),
    ]
}

proptest! {
    #[test]
    fn what_is_printed_is_what_was_parsed(text in text()) {
        round_trip::<Asn>(&text)?;
        round_trip::<RouterId>(&text)?;
        round_trip::<Community>(&text)?;
        round_trip::<LargeCommunity>(&text)?;
        round_trip::<CpuList>(&text)?;
        round_trip::<DatasetName>(&text)?;
        round_trip::<HostName>(&text)?;
        round_trip::<IfName>(&text)?;
        round_trip::<InstanceName>(&text)?;
        round_trip::<KernelName>(&text)?;
        round_trip::<LvmSource>(&text)?;
        round_trip::<NatName>(&text)?;
        round_trip::<NetnsName>(&text)?;
        round_trip::<PolicyName>(&text)?;
        round_trip::<PoolName>(&text)?;
        round_trip::<AddrRange4>(&text)?;
        round_trip::<IfAddr>(&text)?;
        round_trip::<Mtu>(&text)?;
        round_trip::<Prefix>(&text)?;
        round_trip::<VlanId>(&text)?;
        round_trip::<DriverName>(&text)?;
        round_trip::<MacAddr>(&text)?;
        round_trip::<PciAddress>(&text)?;
        round_trip::<Bytes>(&text)?;
        round_trip::<Seconds>(&text)?;
        round_trip::<Line>(&text)?;
        round_trip::<RelPath>(&text)?;
        round_trip::<Target>(&text)?;
    }

    #[test]
    fn what_becomes_a_token_is_one(text in text()) {
        word::<IfName>(&text)?;
        word::<InstanceName>(&text)?;
        word::<NatName>(&text)?;
        word::<NetnsName>(&text)?;
        word::<PolicyName>(&text)?;
        word::<PoolName>(&text)?;
        word::<HostName>(&text)?;
        word::<DriverName>(&text)?;
        word::<DatasetName>(&text)?;
        word::<LvmSource>(&text)?;
        word::<RelPath>(&text)?;
        word::<Target>(&text)?;
    }

    #[test]
    fn paths_stay_below_their_folder(text in "[a-z./]{0,20}") {
        if let Ok(path) = text.parse::<RelPath>() {
            let path = path.to_string();
            prop_assert!(!path.starts_with('/') && path.split('/').all(|part| part != ".." && !part.is_empty()));
        }
        if let Ok(path) = text.parse::<Target>() {
            prop_assert!(path.as_ref().split('/').all(|part| part != ".."));
        }
    }

    #[test]
    fn addresses_of_all_kinds(addr: std::net::IpAddr, length in 0_u8..=128) {
        let text = format!("{addr}/{length}");
        round_trip::<IfAddr>(&text)?;
        round_trip::<Prefix>(&text)?;
        if let (Ok(own), Ok(net)) = (text.parse::<IfAddr>(), text.parse::<ipnet::IpNet>()) {
            prop_assert_eq!(own.subnet(), Prefix::truncating(net));
            prop_assert!(own.subnet().holds(addr));
        }
    }

    #[test]
    fn cpu_lists_print_as_ranges(cpus in prop::collection::btree_set(0_u16..1024, 1..40)) {
        let text: Vec<String> = cpus.iter().map(u16::to_string).collect();
        let list: CpuList = text.join(",").parse().unwrap();
        prop_assert!(list.iter().eq(cpus.iter().copied()));
        round_trip::<CpuList>(&list.to_string())?;
    }

    #[test]
    fn numbers_of_all_sizes(number: i64) {
        prop_assert_eq!(VlanId::try_from(number).is_ok(), (1..=4094).contains(&number));
        prop_assert_eq!(Mtu::try_from(number).is_ok(), (68..=65535).contains(&number));
        let reserved = [0, 23456, 65535, i64::from(u32::MAX)].contains(&number);
        prop_assert_eq!(Asn::try_from(number).is_ok(), (0..=i64::from(u32::MAX)).contains(&number) && !reserved);
    }

    #[test]
    fn a_sibling_address_is_another_unicast_one(bytes: [u8; 6]) {
        if let Ok(mac) = MacAddr::new(bytes) {
            let sibling = mac.sibling();
            prop_assert_ne!(mac, sibling);
            prop_assert_eq!(sibling.octets()[0] & 0b11, 0b10, "locally administered, unicast");
        }
    }

    #[test]
    fn amounts_of_memory_never_shrink(bytes in 0_u64..1 << 43) {
        let rounded = Bytes::round_up_to_megabytes(bytes);
        prop_assert!(rounded.get() >= bytes && rounded.get() < bytes + (2 << 20));
        prop_assert_eq!(rounded.to_string().parse::<Bytes>(), Ok(rounded));
    }
}

#[test]
fn derived_names_have_the_kernels_length() {
    let name = |parent: &str, tag: i64| {
        parent
            .parse::<LinkName>()
            .unwrap()
            .tagged(VlanId::try_from(tag).unwrap())
    };
    assert_eq!(name("customer-ab", 100).unwrap().to_string(), "customer-ab.100");
    assert_eq!(
        name("customer-ab", 1000).unwrap_err().to_string(),
        "expected a name of at most 15 characters; 'customer-ab.1000' has 16"
    );
}

#[test]
fn errors_say_what_would_be_right() {
    let error = |text: &str| text.parse::<Prefix>().unwrap_err().to_string();
    assert_eq!(
        error("10.0.0.1/8"),
        "expected a prefix without host bits, like 10.0.0.0/8"
    );
    assert_eq!(
        error("10.0.0.0"),
        "expected a prefix, like 192.0.2.0/24 or 2001:db8::/32"
    );
}

#[test]
fn numbers_are_written_one_way() {
    for text in ["+1", "01", " 1", "1 ", "", "1_0"] {
        assert!(text.parse::<VlanId>().is_err(), "{text:?}");
        assert!(text.parse::<Asn>().is_err(), "{text:?}");
        assert!(
            format!("{text}s").parse::<Seconds>().is_err() || text == "01",
            "{text:?}"
        );
    }
}

#[test]
fn a_secret_is_never_printed() {
    let secret: Secret = "hunter2".parse().unwrap();
    assert!(!format!("{secret:?}").contains("hunter2"));
    assert_eq!(secret.reveal(), "hunter2");
    for text in ["", "two words", "a\nb", "ünïcode", &"x".repeat(81)] {
        assert!(text.parse::<Secret>().is_err(), "{text:?}");
    }
}

/// What other systems print is taken, and printed in one way.
#[test]
fn spellings_of_other_systems_are_taken() {
    for mac in [
        "3c:ec:ef:00:00:0a",
        "3C-EC-EF-00-00-0A",
        "3cec.ef00.000a",
        "3CEC.EF00.000A",
        "3cec-ef00-000a",
        "3CECEF00000A",
    ] {
        assert_eq!(mac.parse::<MacAddr>().unwrap().to_string(), "3c:ec:ef:00:00:0a");
    }
    for wrong in [
        "3c-ec:ef:00:00:0a",
        "3cec.ef00",
        "3cecef00000",
        "3cecef00000a0",
        "3cec-ef00",
        "3cec-ef-00-00-0a",
        "3c-ec-ef-00-00",
        "3c-ec-ef-00-00-0a-0b",
        "3c.ec.ef.00.00.0a",
        "0100.5e00.0001",
        "3cec.ef00.00\u{e9}",
        "",
    ] {
        assert!(wrong.parse::<MacAddr>().is_err(), "{wrong}");
    }
    assert_eq!(
        "pci@0000:65:00.0".parse::<PciAddress>().unwrap().to_string(),
        "0000:65:00.0"
    );
    assert_eq!(
        "65:00.0".parse::<PciAddress>().unwrap().to_string(),
        "0000:65:00.0"
    );
    assert_eq!(
        "0001:65:00.0".parse::<PciAddress>().unwrap().to_string(),
        "0001:65:00.0"
    );
    for wrong in [
        "65:00",
        "5:00.0",
        "0:65:00.0",
        "65:00.8",
        "65:20.0",
        ":65:00.0",
        "65.0",
    ] {
        assert!(wrong.parse::<PciAddress>().is_err(), "{wrong}");
    }
    for asn in ["64500", "AS64500", "as64500", "AS0.64500"] {
        assert_eq!(asn.parse::<Asn>().unwrap().get(), 64500);
    }
    for wrong in ["AS", "ASAS64500", "A64500", "AS-1", "AS 64500", "AS23456"] {
        assert!(wrong.parse::<Asn>().is_err(), "{wrong}");
    }
}

#[test]
fn a_vlan_inside_another_has_its_own_name_in_vpp() {
    let in_vpp = |name: &str| name.parse::<LinkName>().unwrap().in_vpp();
    assert_eq!(in_vpp("core"), "core");
    assert_eq!(in_vpp("core.100"), "core.100");
    assert_eq!(in_vpp("core.100.200"), "core.1000200");
    // The tags are not run together: these are two.
    assert_eq!(in_vpp("c.11.234"), "c.110234");
    assert_eq!(in_vpp("c.1.1234"), "c.11234");
}
