"""What is printed of a finished sale. Knows no HTTP.

`head` freezes what the bill says about the shop, `bill` describes a bill, `read` builds it from
the stored sale, `prints` remembers who printed it, `pdf` puts it on paper.
"""
