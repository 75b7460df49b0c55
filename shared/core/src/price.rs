//! What added tasks cost: Fargate on Linux, us-east-1, without Spot and savings plans.

use crate::fleet::{Architecture, Task};

/// Where and when the prices were read; printed beside every amount.
pub const SOURCE: &str = "us-east-1 list prices, 2026-06";
/// Price of one vCPU-hour on x86_64 in USD.
const X86_VCPU: f64 = 0.040_48;
/// Price of one GB-hour on x86_64 in USD.
const X86_GB: f64 = 0.004_445;
/// Price of one vCPU-hour on arm64 in USD.
const ARM_VCPU: f64 = 0.032_38;
/// Price of one GB-hour on arm64 in USD.
const ARM_GB: f64 = 0.003_56;

/// USD for one hour of one task.
#[must_use]
pub fn task_hour(task: &Task) -> f64 {
    let (vcpu, gb) = match task.architecture {
        Architecture::X86_64 => (X86_VCPU, X86_GB),
        Architecture::Arm64 => (ARM_VCPU, ARM_GB),
    };
    task.vcpu * vcpu + task.memory_gib * gb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_of_the_openwebui_task_costs_what_its_owners_computed() {
        let task = Task { vcpu: 8.0, memory_gib: 32.0, architecture: Architecture::X86_64 };
        assert!((task_hour(&task) * 730.0 - (236.40 + 103.84)).abs() < 0.01);
    }
}
