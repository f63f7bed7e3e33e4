//! What identifies a NIC: PCI address, MAC address, driver.

use super::{TypeError, serde_as_text, text_type};
use std::fmt;
use std::str::FromStr;

/// The address of a PCI function, `dddd:bb:dd.f`, or as lspci prints it in domain 0000, `bb:dd.f`, or lshw,
/// `pci@dddd:bb:dd.f`; printed in full, because VPP refuses the short form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PciAddress {
    domain: u16,
    bus: u8,
    device: u8,
    function: u8,
}

impl FromStr for PciAddress {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let wrong = || TypeError::expected("a PCI address, like 0000:65:00.0");
        let hex = |part: Option<&str>, digits: usize| -> Result<u16, TypeError> {
            let part = part
                .filter(|p| p.len() == digits && p.bytes().all(|b| b.is_ascii_hexdigit()))
                .ok_or_else(wrong)?;
            u16::from_str_radix(part, 16).map_err(|_| wrong())
        };
        let text = text.strip_prefix("pci@").unwrap_or(text);
        let (slot, function) = text.split_once('.').ok_or_else(wrong)?;
        let mut parts = slot.split(':');
        let domain = match slot.matches(':').count() {
            1 => 0,
            _ => hex(parts.next(), 4)?,
        };
        let bus = hex(parts.next(), 2)?;
        let device = hex(parts.next(), 2)?;
        let function = hex(Some(function), 1)?;
        if parts.next().is_some() || device > 31 || function > 7 {
            return Err(wrong());
        }
        Ok(Self {
            domain,
            bus: bus as u8,
            device: device as u8,
            function: function as u8,
        })
    }
}

impl fmt::Display for PciAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04x}:{:02x}:{:02x}.{:x}",
            self.domain, self.bus, self.device, self.function
        )
    }
}

/// A unicast, non-zero Ethernet address, written with colons, as Windows does (`3C-EC-EF-00-00-01`), as Cisco does
/// (`3cec.ef00.0001`), as Huawei does (`3cec-ef00-0001`) or as digits alone; printed in lower case with colons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddr([u8; 6]);

impl MacAddr {
    /// An address from its bytes; an error for multicast and all-zero ones.
    pub fn new(bytes: [u8; 6]) -> Result<Self, TypeError> {
        if bytes == [0; 6] || bytes[0] & 1 == 1 {
            return Err(TypeError::expected(
                "a unicast MAC address, like 3c:ec:ef:00:00:01",
            ));
        }
        Ok(Self(bytes))
    }

    /// The bytes in transmission order.
    pub fn octets(self) -> [u8; 6] {
        self.0
    }

    /// A locally administered address derived from the NIC's own, and different from it.
    ///
    /// For af-packet host-interfaces: with the NIC's own address, the kernel and VPP would both handle every unicast packet.
    /// Derived from it, so that two routers on one segment do not share an address.
    pub fn sibling(self) -> Self {
        let mut bytes = self.0;
        bytes[0] = (bytes[0] ^ 0x04) | 0x02;
        Self(bytes)
    }
}

impl FromStr for MacAddr {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let wrong = || TypeError::expected("a unicast MAC address, like 3c:ec:ef:00:00:01");
        let (separator, digits) = match text {
            _ if text.contains('.') => ('.', 4),
            _ if text.find('-') == Some(4) => ('-', 4),
            _ if text.contains('-') => ('-', 2),
            _ if text.contains(':') => (':', 2),
            _ => (':', 12),
        };
        let parts = text.split(separator);
        if !parts
            .clone()
            .all(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_hexdigit()))
        {
            return Err(wrong());
        }
        let digits: String = parts.collect();
        let mut bytes = [0; 6];
        if digits.len() != 2 * bytes.len() {
            return Err(wrong());
        }
        for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| wrong())?;
        }
        Self::new(bytes)
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

serde_as_text!(PciAddress, MacAddr);

text_type! {
    /// A kernel driver's name as `/sys/bus/*/drivers` has it. 1 to 63 bytes.
    DriverName,
    "a driver name, like i40e or virtio_net",
    |text| (1..=63).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}
