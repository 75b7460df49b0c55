# One environment of the Langfuse fleet, a month after the first hour: in act. Each environment is an account or region
# of its own, so each is its own state: terraform apply -var environment=prod-eu. On day one the fleet file says
# observe, this says mode = "observe", and the two manage_ lines of examples/minimal stand here.

module "headroom" {
  source        = "../../modules/control-plane"
  fleet_file    = "fleets/${var.environment}.json"
  mode          = var.mode
  code          = { s3_bucket = var.code_bucket, s3_prefix = "headroom/${var.release}/" }
  secret_arns   = var.secret_arns
  alarm_actions = var.alarm_actions
}

module "fleet" {
  source       = "../../modules/fleet"
  fleet        = jsondecode(file("fleets/${var.environment}.json"))
  bounds_owner = "headroom" # a lease may stand while this is applied
  dashboards   = "services"
}

output "next_steps" {
  description = "What to type now."
  value       = module.headroom.next_steps
}
