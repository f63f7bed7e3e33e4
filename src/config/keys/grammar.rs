//! What each type says of itself: its grammar in words, and a pattern that is at least as wide.

use super::Takes;
use super::declaration::{Shape, normal};
use super::reading::Reading;
use super::value::Value;
use crate::types::{
    AddrRange4, Asn, Banner, BitRate, Burst, Bytes, Community, CpuList, DatasetName, DriverName, HostAddr,
    HostName, IfAddr, IfName, InstanceName, IsisNet, KernelName, LargeCommunity, Line, LvmSource, MacAddr,
    Mtu, NatName, NetnsName, PciAddress, PeerName, PolicyName, PoolName, Prefix, RelPath, RouterId, Server,
    Target, TypeError, VirtualRouterId, VlanId,
};
use crate::types::{
    LinkName, PersonName, PublicKey, SysctlName, SysctlValue, TimeZone, UserName, VrfName, WireguardKey,
};
use ipnet::Ipv4Net;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

macro_rules! v4 {
    () => {
        r"(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(\.(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})){3}"
    };
}
macro_rules! v6 {
    () => {
        r"[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]+"
    };
}
macro_rules! v4_net {
    () => {
        concat!(v4!(), "/(3[0-2]|[12]?[0-9])")
    };
}
macro_rules! v6_net {
    () => {
        concat!(v6!(), "/(12[0-8]|1[01][0-9]|[1-9]?[0-9])")
    };
}

const NET: &str = concat!("^(", v4_net!(), "|", v6_net!(), ")$");
const ADDRESS: &str = concat!("^(", v4!(), "|", v6!(), ")$");
/// A prefix, or the name of a list of them.
pub(in crate::config) const NET_OR_NAME: &str =
    concat!("^(", v4_net!(), "|", v6_net!(), "|[A-Za-z][A-Za-z0-9_.-]{0,62})$");
/// Paths of letters, digits and a few signs.
const PATH: &str = "^[A-Za-z0-9_+@-][A-Za-z0-9._+@-]*(/[A-Za-z0-9_+@-][A-Za-z0-9._+@-]*)*$";

macro_rules! texts {
    ($($type:ty, $about:literal, $pattern:expr;)+) => {$(
        impl Takes for $type {
            fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
                value.parse(reading)
            }

            fn shape() -> Shape {
                Shape::Text { about: $about, pattern: $pattern, normal: normal::<$type> }
            }
        }
    )+};
}

texts! {
    AddrRange4, "an IPv4 range like 192.0.2.10-192.0.2.99", concat!("^", v4!(), " *- *", v4!(), "$");
    Banner, "1 to 2000 visible characters, in one line or more", "^(?=[\\s\\S]*\\S)[^\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]{1,2000}$";
    BitRate, "bits per second like 512K, 100M or 10G", "^[0-9]+[KMG]$";
    Burst, "bytes like 64K or 1M", "^[0-9]+[KMG]$";
    Bytes, "an amount of memory like 512M or 3G", "^[0-9]+[MG]$";
    Community, "a community like 64500:100, or no-export, no-advertise, local-AS, no-peer, blackhole, graceful-shutdown",
        "^([0-9]{1,5}:[0-9]{1,5}|graceful-shutdown|accept-own|route-filter-(translated-)?v[46]|llgr-stale|no-llgr|accept-own-nexthop|blackhole|no-export|no-advertise|local-AS|no-peer)$";
    CpuList, "CPUs like 2-5 or 2,3,8-9", "^ *[0-9]{1,4} *(- *[0-9]{1,4} *)?(, *[0-9]{1,4} *(- *[0-9]{1,4} *)?)*$";
    DatasetName, "a ZFS dataset like tank/incus", "^[A-Za-z][A-Za-z0-9_.:-]*(/[A-Za-z0-9_.:-]+)*$";
    DriverName, "a driver like i40e or virtio_net", "^[A-Za-z0-9_-]{1,63}$";
    HostAddr, "the address of a host like 192.0.2.1 or 2001:db8::1", ADDRESS;
    HostName, "a host name like edge1 or edge1.example.net",
        "^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$";
    IfAddr, "an address with its prefix length like 192.0.2.1/24 or 2001:db8::1/64", NET;
    IfName, "an interface name of 1 to 15 letters, digits, - or _, a letter first",
        "^(?!(acl|all|add|addr|address|both|del|destination|disable|down|feat|features|host-if|input|ip4|ip6|ipv6|local0|loose|netns|off|output|rx|static|strict|table|tag|tun|tx|up|verbose|vtr|lo|default)$)[A-Za-z][A-Za-z0-9_-]{0,14}$";
    InstanceName, "an instance name of 1 to 16 lower-case letters and digits, a letter first",
        "^(?!config$)[a-z][a-z0-9]{0,15}$";
    IsisNet, "a network entity title like 49.0001.1920.0000.2001.00", "^[0-9A-Fa-f]{2}(\\.[0-9A-Fa-f]{4}){3,9}\\.00$";
    LargeCommunity, "a large community like 64500:1:100", "^[0-9]{1,10}:[0-9]{1,10}:[0-9]{1,10}$";
    LinkName, "an interface, or an interface and a VLAN, like internal.30: at most 15 characters", "^[A-Za-z][A-Za-z0-9_.-]{0,14}$";
    Line, "one line of 1 to 80 characters", "^[^\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]{1,80}$";
    LvmSource, "a block device like /dev/disk/by-id/x, or a volume group", "^[A-Za-z0-9_+/][A-Za-z0-9_+./-]{0,126}$";
    MacAddr, "a unicast MAC address like 3c:ec:ef:00:00:01", "^[0-9A-Fa-f][02468ACEace]((:[0-9A-Fa-f]{2}){5}|(-[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}((\\.[0-9A-Fa-f]{4}){2}|(-[0-9A-Fa-f]{4}){2}|[0-9A-Fa-f]{8}))$";
    NatName, "a name of 1 to 32 letters, digits, - or _, a letter first", "^[A-Za-z][A-Za-z0-9_-]{0,31}$";
    NetnsName, "a namespace name of 1 to 31 letters, digits, - or _, a letter first", "^[A-Za-z][A-Za-z0-9_-]{0,30}$";
    PciAddress, "a PCI address like 0000:65:00.0",
        "^(pci@)?([0-9A-Fa-f]{4}:)?[0-9A-Fa-f]{2}:[01][0-9A-Fa-f]\\.[0-7]$";
    PeerName, "the address of a host like 192.0.2.1 or 2001:db8::1, or an interface like external.25",
        concat!("^(", v4!(), "|", v6!(), "|[A-Za-z][A-Za-z0-9_.-]{0,14})$");
    PersonName, "one line of 1 to 80 visible characters, without ':', ',' and spaces at the ends", "^[^:,\\u0000-\\u001f\\u007f-\\u009f]{1,80}$";
    PolicyName, "a name of 1 to 63 letters, digits, -, _ or ., a letter first", "^[A-Za-z][A-Za-z0-9_.-]{0,62}$";
    PoolName, "a name of 1 to 63 letters, digits, - or _, a letter first", "^[A-Za-z][A-Za-z0-9_-]{0,62}$";
    Prefix, "a prefix without host bits like 192.0.2.0/24 or 2001:db8::/32", NET;
    PublicKey, "a public key as it is in a .pub file, like \"ssh-ed25519 AAAA... name@host\"", "^(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+( .*)?$";
    RelPath, "a path below the folder, without ..", PATH;
    RouterId, "a router id like 192.0.2.1", concat!("^", v4!(), "$");
    Server, "the address or the name of a server like 192.0.2.123 or ntp.example.net",
        concat!("^(", v4!(), "|", v6!(), "|(?![0-9.]+$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*)$");
    SysctlName, "a setting of the kernel like net.core.rmem_max", "^(dev|fs|kernel|net|user|vm)([./][A-Za-z0-9_-]+)+$";
    Target, "an absolute path, without ..", "^(/[A-Za-z0-9._+@-]+)+$";
    TimeZone, "the name of a time zone like Europe/Berlin or UTC", "^(UTC|[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)+)$";
    UserName, "a name of 1 to 31 lower-case letters, digits, - or _, a letter first", "^[a-z_][a-z0-9_-]{0,30}$";
    VrfName, "the name of a VRF: 1 to 15 letters, digits, - or _, a letter first", "^(?!(lo|default|all)$)[A-Za-z][A-Za-z0-9_-]{0,14}$";
    VirtualRouterId, "the number of a virtual router from 1 to 255", "^([1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])$";
    VlanId, "a VLAN tag from 1 to 4094", "^([1-9][0-9]{0,2}|[1-3][0-9]{3}|40[0-8][0-9]|409[0-4])$";
    WireguardKey, "a public key of WireGuard: 44 characters of base64", "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$";
}

/// A number or a text: most of the kernel's settings are numbers.
impl Takes for SysctlValue {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        match value.as_number() {
            Some(number) => number.to_string().parse().ok(),
            None => value.parse(reading),
        }
    }

    fn shape() -> Shape {
        let number = Shape::Number {
            about: "a number",
            least: i64::MIN,
            greatest: i64::MAX,
        };
        let text = Shape::Text {
            about: "a line of text",
            pattern: "^[!-~]+( [!-~]+)*$",
            normal: normal::<Self>,
        };
        Shape::Either(vec![number, text])
    }
}

/// Texts whose own error says nothing an operator could use.
macro_rules! addresses {
    ($($type:ty, $about:literal, $pattern:expr;)+) => {$(
        impl Takes for $type {
            fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
                let parsed = value.text(reading)?.parse();
                value.checked(reading, parsed.map_err(|_| TypeError::expected($about)))
            }

            fn shape() -> Shape {
                Shape::Text { about: $about, pattern: $pattern, normal: normal::<$type> }
            }
        }
    )+};
}

addresses! {
    IpAddr, "an address, like 192.0.2.53 or 2001:db8::53", ADDRESS;
    Ipv4Addr, "an IPv4 address, like 192.0.2.1", concat!("^", v4!(), "$");
    Ipv6Addr, "an IPv6 address, like 2001:db8::1", concat!("^", v6!(), "$");
    SocketAddr, "an address with a port, like 192.0.2.1:9100 or [2001:db8::1]:9100", concat!("^(", v4!(), "|\\[", v6!(), "\\]):[0-9]{1,5}$");
}

/// A device that is written into networkd's files and VPP's commands, where other signs the kernel takes mean something.
impl Takes for KernelName {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let name: Self = value.parse(reading)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._@-".contains(&b);
        let wrong = || TypeError::expected("a device name of letters, digits and . _ - @ alone");
        let is_plain = name.as_ref().bytes().all(plain);
        value.checked(reading, Some(name).filter(|_| is_plain).ok_or_else(wrong))
    }

    fn shape() -> Shape {
        Shape::Text {
            about: "a kernel's device name like enp65s0f0",
            pattern: "^[A-Za-z0-9._@-]{1,15}$",
            normal: normal::<Self>,
        }
    }
}

/// A prefix of the one family that what it is for has.
impl Takes for Ipv4Net {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let net = value.parse::<Prefix>(reading)?.v4();
        let wrong = || TypeError::expected("an IPv4 prefix, like 100.64.0.0/22");
        value.checked(reading, net.ok_or_else(wrong))
    }

    fn shape() -> Shape {
        Shape::Text {
            about: "an IPv4 prefix without host bits like 100.64.0.0/22",
            pattern: concat!("^", v4_net!(), "$"),
            normal: normal::<Self>,
        }
    }
}

impl Takes for bool {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        value.switch(reading)
    }

    fn shape() -> Shape {
        Shape::Switch
    }
}

/// Any text: a name that is looked up elsewhere.
impl Takes for String {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        value.text(reading).map(str::to_owned)
    }

    fn shape() -> Shape {
        Shape::Text {
            about: "a text",
            pattern: "",
            normal: normal::<Self>,
        }
    }
}

impl Takes for Mtu {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let number = Self::try_from(value.number(reading)?);
        value.checked(reading, number)
    }

    fn shape() -> Shape {
        Shape::Number {
            about: "an MTU from 68 to 65535 bytes",
            least: 68,
            greatest: 65_535,
        }
    }
}

/// A number, or a string that denotes one.
pub(in crate::config) fn number_or_text<T>(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<T>
where
    T: TryFrom<i64, Error = TypeError> + std::str::FromStr<Err = TypeError>,
{
    if value.is_text() {
        return value.parse(reading);
    }
    let number = T::try_from(value.number(reading)?);
    value.checked(reading, number)
}

impl Takes for Asn {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        number_or_text(value, reading)
    }

    fn shape() -> Shape {
        Shape::Either(vec![
            Shape::Number {
                about: "an AS number from 1 to 4294967294, none of the reserved 23456 and 65535",
                least: 1,
                greatest: 4_294_967_294,
            },
            Shape::Text {
                about: "the same as text, plain or like 64086.59905",
                pattern: "^([Aa][Ss])?[0-9]{1,10}(\\.[0-9]{1,5})?$",
                normal: normal::<Self>,
            },
        ])
    }
}
