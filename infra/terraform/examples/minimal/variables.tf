variable "code_directory" {
  description = "Folder with the functions' zips; `make package` writes target/lambda."
  type        = string
  default     = "../../../../target/lambda"
}
