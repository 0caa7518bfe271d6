"""What is said of the difference between two images: comparative texts, and their embeddings.

A comparative text says in what one image of a pair is better than the other. In training, the
difference of the two images' features is pulled towards the text's embedding (paper, CTAlign).
Texts come from people, from a multimodal model (`describe`), or from templates where the edit that
made one image worse is known (`templates`). Only `encoder` and `clip_text` need torch.
"""
