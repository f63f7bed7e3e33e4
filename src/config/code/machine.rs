//! 05xx: the machine at run time.

use super::codes;

codes! { MACHINE:
    E0501 501 "no NIC matches"
        "No network device matched within nic-wait. The boot goes on without it, management stays up. The candidates this\nmachine has are listed with the message.";
}
