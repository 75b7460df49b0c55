variable "environment" {
  description = "Environment of the fleet file: staging, prod-eu, prod-us or prod-hipaa."
  type        = string

  validation {
    condition     = contains(["staging", "prod-eu", "prod-us", "prod-hipaa"], var.environment)
    error_message = "environment is one of staging, prod-eu, prod-us, prod-hipaa."
  }
}

variable "mode" {
  description = "What the functions' roles permit: observe, suggest or act."
  type        = string
  default     = "act"

  validation {
    condition     = contains(["observe", "suggest", "act"], var.mode)
    error_message = "mode is one of observe, suggest, act."
  }
}

variable "code_bucket" {
  description = "Bucket with the functions' zips, in the environment's region."
  type        = string
}

variable "release" {
  description = "Folder of the zips in the bucket; another one deploys other code."
  type        = string
}

variable "secret_arns" {
  description = "The secrets that the channels of the fleet file name."
  type        = set(string)
  default     = []
}

variable "alarm_actions" {
  description = "Topics of the people on call, for alarms on Headroom itself."
  type        = set(string)
  default     = []
}
