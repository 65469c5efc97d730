accelerate launch --config_file accelerate.yaml train.py sft.yaml
torchrun --nproc_per_node 8 x.py --config sft.yaml
