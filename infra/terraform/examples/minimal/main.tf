# Headroom in one account and region, in observe mode: it decides, writes down what it would do, and changes nothing.
module "headroom" {
  source     = "../../modules/control-plane"
  fleet_file = "fleet.json"
  code       = { directory = var.code_directory }
}

module "fleet" {
  source          = "../../modules/fleet"
  fleet           = jsondecode(file("fleet.json"))
  manage_target   = false # the first hour leaves your scalable targets
  manage_policies = false # and your scaling policies alone
}

output "next_steps" {
  description = "What to type now."
  value       = module.headroom.next_steps
}
