//! Boot entries as firmware stores them, for tests that play the firmware (UEFI, section 10).
#![allow(clippy::unwrap_used)]

use imp::host::efi::{DevicePath, encode};

/// `0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9`: the first three groups are little-endian numbers.
const GUID: [u8; 16] = [
    0x3d, 0x2c, 0x1b, 0x0a, 0x5f, 0x4e, 0x71, 0x60, 0x82, 0x93, 0xa4, 0xb5, 0xc6, 0xd7, 0xe8, 0xf9,
];

/// A file, named with backslashes, of the first partition of a GPT, whose GUID is [`GUID`].
pub fn device_path(start: u64, blocks: u64, file: &str) -> DevicePath {
    let drive = [
        &1_u32.to_le_bytes()[..],
        &start.to_le_bytes(),
        &blocks.to_le_bytes(),
        &GUID,
        // The table is a GPT, the signature is a GUID.
        &[2, 2],
    ];
    let file = encode(&format!("{file}\0"));
    let end = [0x7f, 0xff, 4, 0];
    let bytes = [node([4, 1], &drive.concat()), node([4, 4], &file), end.to_vec()].concat();
    DevicePath::parse(&bytes).unwrap()
}

fn node(kind: [u8; 2], data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 4).unwrap();
    [&kind[..], &length.to_le_bytes()[..], data].concat()
}
